//! Every relative link of every page leads somewhere, its heading included.

use super::Findings;
use crate::workspace;
use anyhow::Result;
use std::path::{Component, Path, PathBuf};

pub(super) fn check() -> Result<Findings> {
    let mut findings = Findings::new();
    for page in workspace::tracked()? {
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let Some(text) = workspace::text(&page)? else { continue };
        for link in links(&text) {
            if let Some(why) = broken(&page, &text, &link)? {
                findings.push(format!("{}: link to `{link}`: {why}", page.display()));
            }
        }
    }
    Ok(findings)
}

/// Why a link leads nowhere, if it does.
fn broken(page: &Path, text: &str, link: &str) -> Result<Option<&'static str>> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(None);
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let other;
    let mut target_text = text;
    if !path.is_empty() {
        let target = resolve(page, path);
        if !workspace::root().join(&target).exists() {
            return Ok(Some("no such file"));
        }
        if anchor.is_empty() {
            return Ok(None);
        }
        other = workspace::text(&target)?.unwrap_or_default();
        target_text = &other;
    }
    let found = anchor.is_empty() || headings(target_text).any(|heading| slug(heading) == anchor);
    Ok((!found).then_some("no such heading"))
}

/// A link's path from the root, without following anything on the disk.
fn resolve(page: &Path, path: &str) -> PathBuf {
    let mut resolved = page.parent().map(Path::to_path_buf).unwrap_or_default();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => resolved.push(name),
            _ => {}
        }
    }
    resolved
}

/// Lines outside fenced code.
pub(super) fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The titles of a page's headings.
pub(super) fn headings(text: &str) -> impl Iterator<Item = &str> {
    prose(text).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        // Code between backticks holds no links.
        let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for rest in outside.split("](").skip(1) {
            if let Some((link, _)) = rest.split_once(')') {
                links.push(link.to_owned());
            }
        }
    }
    links
}

/// The anchor that hosts of Markdown give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_headings_outside_code_are_read() {
        let page =
            "# A page, at last\n[a](b.md#c) and [d](#a-page-at-last) `[x](y)`\n```\n# no\n[e](f)\n```\n";
        assert_eq!(links(page), ["b.md#c", "#a-page-at-last"]);
        assert_eq!(headings(page).map(slug).collect::<Vec<_>>(), ["a-page-at-last"]);
    }

    #[test]
    fn a_link_is_resolved_against_its_page() {
        assert_eq!(
            resolve(Path::new("deploy/README.md"), "../spec/storage.md"),
            Path::new("spec/storage.md")
        );
        let page = Path::new("README.md");
        assert_eq!(broken(page, "# Here", "#here").expect("readable"), None);
        assert_eq!(broken(page, "# Here", "#there").expect("readable"), Some("no such heading"));
        assert_eq!(broken(page, "", "no-such-file.md").expect("readable"), Some("no such file"));
    }
}
