//! Types that hold secrets print without them, in every language: what UniFFI generates would print each byte.
//!
//! A type holds a secret if a field of it is a byte array, or a type that holds one. These types are found in the generated source
//! itself, so that a new one cannot be missed: the languages have to agree, and tests print every type that there is.

use anyhow::{Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Names of types, each with those of its fields' types. A variant of an enum is a field of the enum.
type Fields = BTreeMap<String, BTreeSet<String>>;

/// A source, changed, and the types in it that hold secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Redacted {
    pub(super) source: String,
    pub(super) holders: BTreeSet<String>,
}

/// Kotlin: each data class that holds a secret has a `toString` of its own.
pub(super) fn kotlin(source: &str) -> Result<Redacted> {
    let classes = kotlin_classes(source)?;
    let mut fields = Fields::new();
    for class in &classes {
        fields.entry(class.name.clone()).or_default().extend(class.fields.clone());
        if let Some(parent) = &class.parent {
            fields.entry(parent.clone()).or_default().insert(class.name.clone());
        }
    }
    let holders = holders(&fields, "ByteArray");
    let mut text = source.to_owned();
    // From the end, so that places before stay where they are.
    for class in classes.iter().rev().filter(|class| holders.contains(&class.name)) {
        let shown = format!("\n    override fun toString(): kotlin.String = \"{}(...)\"\n", class.name);
        text.insert_str(class.body, &shown);
    }
    Ok(Redacted { source: text, holders: outer(&holders) })
}

/// A data class of Kotlin.
struct Class {
    /// With that of the sealed class which it is a variant of.
    name: String,
    parent: Option<String>,
    fields: BTreeSet<String>,
    /// Behind the brace that opens its body.
    body: usize,
}

fn kotlin_classes(source: &str) -> Result<Vec<Class>> {
    const DATA: &str = "data class ";
    let mut classes = Vec::new();
    for (at, _) in source.match_indices(DATA) {
        let rest = &source[at + DATA.len()..];
        let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let Some(fields) = parenthesised(rest) else {
            bail!("the data class {own} has no fields in parentheses")
        };
        let line = source[..at].rfind('\n').map_or(0, |line| line + 1);
        // Variants are indented below the sealed class that is declared last before them.
        let parent =
            if source[line..at].trim().is_empty() && at > line { sealed(&source[..at]) } else { None };
        let after = at + DATA.len() + rest.find(fields).unwrap_or_default() + fields.len();
        let Some(brace) = source[after..].find('{') else { bail!("the data class {own} has no body") };
        let name = parent.as_ref().map_or(own.to_owned(), |parent| format!("{parent}.{own}"));
        classes.push(Class { name, parent, fields: words(fields), body: after + brace + 1 });
    }
    Ok(classes)
}

fn sealed(before: &str) -> Option<String> {
    const SEALED: &str = "\nsealed class ";
    let at = before.rfind(SEALED)? + SEALED.len();
    before[at..].split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned)
}

/// Swift: each type that holds a secret describes itself, to `print`, to `dump` and to a debugger.
pub(super) fn swift(source: &str) -> Result<Redacted> {
    let mut fields = Fields::new();
    for (start, of_fields) in [("public struct ", "public var "), ("public enum ", "case ")] {
        for (at, _) in source.match_indices(start) {
            let rest = &source[at + start.len()..];
            let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
            // What the generator adds, such as converters, has no fields that are declared so.
            let body = &rest[..rest.find("\n}").unwrap_or(rest.len())];
            let declared = body.match_indices(of_fields).map(|(at, _)| &body[at..]);
            let types = declared.flat_map(|field| {
                if of_fields == "case " {
                    parenthesised(field.split("\n    case ").next().unwrap_or_default())
                        .map(words)
                        .unwrap_or_default()
                } else {
                    words(field.lines().next().unwrap_or_default())
                }
            });
            fields.entry(name).or_default().extend(types);
        }
    }
    let holders = holders(&fields, "Data");
    let mut text = source.to_owned();
    for name in &holders {
        writeln!(
            text,
            "\n// It holds a secret, which nothing that describes values may show.\n\
             extension {name}: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {{\n    \
             public var description: String {{ \"{name}(...)\" }}\n    \
             public var debugDescription: String {{ \"{name}(...)\" }}\n    \
             public var customMirror: Mirror {{ Mirror(self, children: [] as [Mirror.Child]) }}\n}}"
        )?;
    }
    Ok(Redacted { source: text, holders })
}

/// Python: each class that holds a secret prints without it, and is neither pickled nor copied.
pub(super) fn python(source: &str) -> Result<Redacted> {
    let (mut fields, mut outer_class) = (Fields::new(), String::new());
    let mut class = String::new();
    for (at, line) in lines(source) {
        let indent = line.len() - line.trim_start().len();
        let Some(rest) = line.trim_start().strip_prefix("class ") else {
            let init = line.trim_start().strip_prefix("def __init__(self, ");
            if let Some(types) = init.and_then(|_| parenthesised(&source[at..])) {
                fields.entry(class.clone()).or_default().extend(words(types));
            }
            continue;
        };
        let own = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        if indent == 0 {
            own.clone_into(&mut outer_class);
            own.clone_into(&mut class);
        } else {
            class = format!("{outer_class}.{own}");
            fields.entry(outer_class.clone()).or_default().insert(class.clone());
        }
    }
    // What is generated for the border itself is not handed to an app.
    fields.retain(|name, _| !name.starts_with('_'));
    let all = holders(&fields, "bytes");
    // An enum itself has no instances.
    let is_enum = |name: &&String| all.iter().any(|other| other.starts_with(&format!("{name}.")));
    let listed: Vec<&str> = all.iter().filter(|name| !is_enum(name)).map(String::as_str).collect();
    const END: &str = "\n__all__ = [\n";
    ensure!(source.matches(END).count() == 1, "the generated .py has no list of what it gives");
    let guard = format!(
        "{PYTHON_GUARD}\nfor _holder in (\n    {},\n):\n    _without_secrets(_holder)\n{END}",
        listed.join(", ")
    );
    Ok(Redacted { source: source.replace(END, &guard), holders: outer(&all) })
}

const PYTHON_GUARD: &str = r#"
class SecretBytes(bytearray):
    """Bytes that the library returned. They print without their content and are not pickled; wipe them after use."""

    __slots__ = ()


def _without_secrets(holder):
    def shown(self):
        return holder.__qualname__ + "(...)"

    def refused(self, *_):
        raise TypeError(holder.__qualname__ + " holds a secret: it cannot be pickled or copied")

    holder.__repr__ = holder.__str__ = shown
    holder.__format__ = lambda self, spec: format(shown(self), spec)
    holder.__reduce__ = holder.__reduce_ex__ = holder.__getstate__ = holder.__copy__ = refused
    holder.__deepcopy__ = refused


_without_secrets(SecretBytes)
"#;

/// Every type from which a field of `bytes` can be reached.
fn holders(fields: &Fields, bytes: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([bytes.to_owned()]);
    loop {
        let reaches = |(name, types): &(&String, &BTreeSet<String>)| {
            !found.contains(*name) && types.iter().any(|one| found.contains(one))
        };
        let more: Vec<String> = fields.iter().filter(reaches).map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            found.remove(bytes);
            return found;
        }
        found.extend(more);
    }
}

/// Types without the variants inside them.
fn outer(holders: &BTreeSet<String>) -> BTreeSet<String> {
    holders.iter().filter(|name| !name.contains('.')).cloned().collect()
}

/// The text between the first parenthesis and the one that closes it.
fn parenthesised(text: &str) -> Option<&str> {
    let start = text.find('(')?;
    let mut depth = 0_usize;
    for (at, c) in text[start..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(&text[start + 1..start + at]);
        }
    }
    None
}

/// The words of code, without its comments.
fn words(code: &str) -> BTreeSet<String> {
    let (mut plain, mut rest) = (String::new(), code);
    // A block comment may end in the middle of a line.
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let lines = plain.lines().map(|line| line.split_once("//").map_or(line, |(before, _)| before));
    let names = lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    names.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Lines with where they begin.
fn lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    source.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(redacted: &Redacted) -> Vec<&str> {
        redacted.holders.iter().map(String::as_str).collect()
    }

    #[test]
    fn kotlin_prints_no_bytes() {
        let source = "
data class Item (
    /**
     * No ByteArray (at all).
     */
    var `id`: kotlin.String
){
    companion object
}
data class Entry (
    var `item`: Item
    ,
    var `secret`: Secret
){
    companion object
}
sealed class Secret {
    object None : Secret()
    data class Seed(
        /** 16 to 64 bytes. */
        val `seed`: kotlin.ByteArray) : Secret()
    {
        companion object
    }
    data class Number(
        val `number`: kotlin.UInt) : Secret()
    {
        companion object
    }
}
";
        let redacted = kotlin(source).expect("Kotlin");
        assert_eq!(names(&redacted), ["Entry", "Secret"]);
        assert!(redacted.source.contains("kotlin.String = \"Entry(...)\""));
        assert!(redacted.source.contains("kotlin.String = \"Secret.Seed(...)\""));
        assert_eq!(redacted.source.matches("toString").count(), 2, "{}", redacted.source);
    }

    #[test]
    fn swift_describes_no_data() {
        let source = "
public struct Item: Equatable {
    /// No Data.
    public var id: String
    public init(id: String) {
    }
}
public struct Entry {
    public var secret: Secret?
}
public enum Secret {
    case none
    /**
     * A raw seed, in case (of need) not Data.
     */
    case seed(
        /**
         * 16 to 64 bytes.
         */seed: Data
    )
}
";
        let redacted = swift(source).expect("Swift");
        assert_eq!(names(&redacted), ["Entry", "Secret"]);
        assert!(redacted.source.contains(
            "extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {"
        ));
        assert!(redacted.source.contains("Mirror(self, children: [] as [Mirror.Child])"));
    }

    #[test]
    fn python_prints_and_pickles_no_bytes() {
        let source = "
@dataclass
class Item:
    def __init__(self, *, id: str):
        self.id = id
@dataclass
class Entry:
    def __init__(self, *, item: Item, secret: typing.Optional[Secret]):
        self.item = item
class Secret:
    def __init__(self):
        raise RuntimeError()
    @dataclass
    class SEED:
        def __init__(self, seed: bytes):
            self.seed = seed
    @dataclass
    class NUMBER:
        def __init__(self, number: int):
            self.number = number
class _UniffiBuffer:
    def __init__(self, data: bytes):
        self.data = data

__all__ = [
]
";
        let redacted = python(source).expect("Python");
        assert_eq!(names(&redacted), ["Entry", "Secret"]);
        assert!(
            redacted.source.contains("for _holder in (\n    Entry, Secret.SEED,\n):"),
            "{}",
            redacted.source
        );
    }

    #[test]
    fn a_source_of_another_shape_is_refused() {
        assert!(kotlin("data class Entry").is_err());
        assert!(python("class Entry:\n").is_err());
    }
}
