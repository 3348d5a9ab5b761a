//! Makes Rust items of the texts in `texts/en.json`: a constant for each text without values, and for each text with values a
//! struct whose fields are its placeholders. A text that is missing, that nobody uses or whose values do not fit does not compile.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const TEXTS: &str = "texts/en.json";
/// The section of which each build of the program uses a part.
const OF_A_FEATURE: &str = "keyring";
/// The placeholder that decides between the forms of a text that counts.
const COUNT: &str = "n";

fn main() {
    println!("cargo::rerun-if-changed={TEXTS}");
    let texts = fs::read_to_string(TEXTS).expect("the catalogue is in the package");
    let sections: Map<String, Value> =
        serde_json::from_str(&texts).expect("the catalogue is one JSON object");
    let modules: String = sections.iter().map(|(section, texts)| module(section, texts)).collect();
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("texts.rs"), modules).expect("cargo makes the folder");
}

fn module(section: &str, texts: &Value) -> String {
    let texts = texts.as_object().unwrap_or_else(|| fail(section, "is not an object of texts"));
    let items: String =
        texts.iter().map(|(key, text)| item(&format!("{section}.{key}"), key, text)).collect();
    let lint =
        if section == OF_A_FEATURE { "#[allow(dead_code, reason = \"a feature decides\")]\n" } else { "" };
    format!("{lint}pub(crate) mod {} {{\n{items}}}\n\n", cased(section, "_", str::to_lowercase))
}

/// The item of one text; `id` is for messages.
fn item(id: &str, key: &str, text: &Value) -> String {
    let forms = match text {
        Value::String(text) => vec![parts(id, text)],
        Value::Object(forms) if forms.keys().eq(["one", "other"]) => forms
            .values()
            .map(|form| parts(id, form.as_str().unwrap_or_else(|| fail(id, "has a form that is no text"))))
            .collect(),
        _ => fail(id, "is neither a text nor the forms `one` and `other`"),
    };
    let counts = forms.len() == 2;
    let names: BTreeSet<&str> = forms.iter().flatten().filter_map(Part::placeholder).collect();
    if counts && !names.contains(COUNT) {
        fail(id, "has two forms and no {n}");
    }
    match names.is_empty() {
        true => format!(
            "    pub(crate) const {}: &str = {:?};\n",
            cased(key, "_", str::to_uppercase),
            text.as_str().unwrap_or_default()
        ),
        false => structure(key, &forms, &names),
    }
}

fn structure(key: &str, forms: &[Vec<Part<'_>>], names: &BTreeSet<&str>) -> String {
    let counts = forms.len() == 2;
    let name = cased(key, "", capitalised);
    let (mut fields, mut kinds, mut bounds) = (String::new(), Vec::new(), Vec::new());
    for placeholder in names {
        let kind = format!("Of{}", cased(placeholder, "", capitalised));
        let field = cased(placeholder, "_", str::to_lowercase);
        if counts && *placeholder == COUNT {
            let _ = writeln!(fields, "        pub(crate) {field}: u64,");
        } else {
            let _ = writeln!(fields, "        pub(crate) {field}: {kind},");
            bounds.push(format!("{kind}: ::std::fmt::Display"));
            kinds.push(kind);
        }
    }
    let (kinds, bounds) = (kinds.join(", "), bounds.join(", "));
    let body = match forms {
        [one, other] => format!(
            "            if self.{COUNT} == 1 {{\n{}            }} else {{\n{}            }}\n",
            writes(one),
            writes(other)
        ),
        forms => forms.iter().map(|form| writes(form)).collect(),
    };
    format!(
        "    pub(crate) struct {name}<{kinds}> {{\n{fields}    }}\n\
         \x20   impl<{bounds}> ::std::fmt::Display for {name}<{kinds}> {{\n\
         \x20       fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {{\n{body}            Ok(())\n        }}\n    }}\n\
         \x20   impl<{bounds}> ::std::convert::From<{name}<{kinds}>> for ::std::string::String {{\n\
         \x20       fn from(text: {name}<{kinds}>) -> Self {{ ::std::string::ToString::to_string(&text) }}\n    }}\n"
    )
}

fn writes(form: &[Part<'_>]) -> String {
    let line = |part: &Part<'_>| match part {
        Part::Words(words) => format!("            f.write_str({words:?})?;\n"),
        Part::Placeholder(name) => {
            format!(
                "            ::std::fmt::Display::fmt(&self.{}, f)?;\n",
                cased(name, "_", str::to_lowercase)
            )
        }
    };
    form.iter().map(line).collect()
}

/// A piece of a text.
enum Part<'a> {
    Words(&'a str),
    Placeholder(&'a str),
}

impl<'a> Part<'a> {
    fn placeholder(&self) -> Option<&'a str> {
        if let Self::Placeholder(name) = self { Some(name) } else { None }
    }
}

fn parts<'a>(id: &str, text: &'a str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((words, behind)) = rest.split_once('{') {
        let (name, behind) =
            behind.split_once('}').unwrap_or_else(|| fail(id, "opens a placeholder and does not close it"));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphabetic()) {
            fail(id, "has a placeholder whose name is not of letters");
        }
        parts.extend([Part::Words(words), Part::Placeholder(name)]);
        rest = behind;
    }
    parts.push(Part::Words(rest));
    parts.retain(|part| !matches!(part, Part::Words("")));
    parts
}

/// An id in camel case as a name in Rust: its words in another case, with this between them.
fn cased(id: &str, between: &str, case: impl Fn(&str) -> String) -> String {
    let starts =
        id.char_indices().filter(|(at, letter)| *at > 0 && letter.is_ascii_uppercase()).map(|(at, _)| at);
    let ends: Vec<_> = starts.chain([id.len()]).collect();
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| case(&id[start..*end])).collect::<Vec<_>>().join(between)
}

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[expect(clippy::panic, reason = "a build ends where the catalogue is wrong")]
fn fail(id: &str, why: &str) -> ! {
    panic!("{TEXTS}: {id} {why}")
}
