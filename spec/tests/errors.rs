//! `spec/errors.md` lists exactly the codes that exist, with their statuses.

use rootcellar_spec::ProblemCode;
use std::collections::BTreeMap;

/// Code and status of a row such as ``| `malformed` | 400 | …``.
fn row(line: &str) -> Option<(String, String)> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    let status = cells.next()?;
    let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    is_status.then(|| (code.to_owned(), status.to_owned()))
}

#[test]
fn the_page_lists_every_code_with_its_status() {
    let listed: BTreeMap<String, String> = include_str!("../errors.md").lines().filter_map(row).collect();
    let known: BTreeMap<String, String> =
        ProblemCode::ALL.iter().map(|code| (code.as_str().to_owned(), code.status().to_string())).collect();
    assert_eq!(listed, known);
}
