use super::read;
use proptest::prelude::*;
use rootcellar_spec::base64url;
use rootcellar_spec::wire::login::{LoginResponse, Permission};
use serde::Deserialize;

/// Everything that the protocol's types are made of.
#[derive(Debug, PartialEq, Deserialize)]
struct Everything {
    text: String,
    #[serde(with = "base64url::vec")]
    bytes: Vec<u8>,
    number: u64,
    small: u16,
    is: bool,
    permission: Permission,
    #[serde(default)]
    left_out: Option<u32>,
    list: Vec<Option<Inner>>,
    plain: Choice,
    with_content: Choice,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Choice {
    Plain,
    WithContent(Inner),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    text: String,
}

const WHOLE: &str = r#" {"text":"a\"\\\/\b\f\n\r\té\ud83d\ude00" ,"bytes":"AQI","number":18446744073709551615,
    "small":0,"is":true,"permission":"backup","unknown":[-0.5e+3,{"a":[null,false]},"\u0041",[],{}],
    "list":[null,{"text":"x"}],"plain":"plain","with_content": { "with-content" : {"text":"x"} } }"#;

fn serde(text: &[u8]) -> Option<Everything> {
    serde_json::from_slice(text).ok()
}

#[test]
fn reads_what_serde_json_reads() {
    let read: Everything = read(WHOLE.as_bytes()).expect("it is whole");
    assert_eq!(Some(&read), serde(WHOLE.as_bytes()).as_ref());
    assert_eq!(read.text, "a\"\\/\u{8}\u{c}\n\r\té\u{1f600}");
}

#[test]
fn refuses_what_is_no_json_or_not_the_type() {
    let inner = |text: &str| read::<Inner>(text.as_bytes()).map(|inner| inner.text);
    assert_eq!(inner(r#"{"text":"x"}"#).as_deref(), Some("x"));
    for text in [
        "",
        "{}",
        r#"{"text":"x"}x"#,
        r#"{"text":"x",}"#,
        r#"{"text":"x" "more":1}"#,
        r#"{"text":"x","text":"x"}"#,
        r#"{"text":"x","more":1}"#,
        r#"{"text":null}"#,
        r#"{"text":"\ud800"}"#,
        r#"{"text":"\ud800\u0041"}"#,
        r#"{"text":"\x"}"#,
        "{\"text\":\"\n\"}",
        r#"["x"]"#,
    ] {
        assert_eq!(inner(text), None, "{text}");
    }
    for number in ["01", "1.0", "1e3", "-1", "18446744073709551616", "", "x"] {
        assert_eq!(read::<u64>(number.as_bytes()), None, "{number}");
    }
    assert_eq!(read::<u8>(b"256"), None);
    assert_eq!(read::<Permission>(b"\"more\""), None);
}

#[test]
fn nothing_lies_too_deep() {
    let nested = |depth| WHOLE.replacen("[]", &format!("{}1{}", "[".repeat(depth), "]".repeat(depth)), 1);
    assert!(read::<Everything>(nested(30).as_bytes()).is_some());
    assert!(read::<Everything>(nested(40).as_bytes()).is_none());
    assert!(read::<LoginResponse>(&b"[".repeat(1 << 20)).is_none());
}

#[test]
fn what_is_not_utf8_is_refused_even_in_a_member_that_is_ignored() {
    let ignored = WHOLE.find(r"\u0041").expect("a text in the unknown member");
    for byte in [0x80, 0xff] {
        let mut bytes = WHOLE.as_bytes().to_vec();
        bytes[ignored..ignored + 6].copy_from_slice(&[b'a', b'b', byte, b'c', b'd', b'e']);
        assert!(serde(&bytes).is_some(), "the other reader accepts it");
        assert_eq!(read::<Everything>(&bytes), None);
    }
}

proptest! {
    /// Whatever becomes of the bytes: what is read is what another reader reads. Only of texts: that one takes other bytes where
    /// it ignores a member.
    #[test]
    fn agrees_with_serde_json(changes in prop::collection::vec((0_usize..WHOLE.len(), any::<u8>()), 0..4), cut in 0_usize..WHOLE.len()) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if cut % 3 == 0 {
            bytes.remove(cut);
        }
        let is_text = std::str::from_utf8(&bytes).is_ok();
        prop_assert_eq!(read::<Everything>(&bytes), serde(&bytes).filter(|_| is_text));
    }
}
