//! Pairing by the prompts of both devices: what one shows, the other reads, and a person compares six digits.

use rootcellar_end_to_end::{Client, PASSPHRASE, PHRASE_24, Story, Terminal, text};

const TEXT: &str = "rootcellar-pair-1:[A-Za-z0-9_-]{80,}";
const CODE: &str = r"\s{4}\d{6}\s";

struct Scene {
    story: Story,
    tablet: Client,
}

impl Scene {
    /// A managing laptop, and a tablet that knows the vault's address alone.
    fn begin() -> Self {
        let story = Story::begin();
        story.device.json(&["login", "--enrol", "--device-secrets", "plain", "--permission", "manage"]);
        let tablet = Client::new(&story.wire.url(), "");
        Self { story, tablet }
    }

    /// Both devices show a code; nothing is answered yet.
    fn meet(&self) -> (Terminal, Terminal, String, String) {
        let pair = ["devices", "pair", "--device-label", "Tablet", "--device-secrets", "plain"];
        let mut new = Terminal::run(&self.tablet, &pair);
        let offer = new.read(TEXT);
        let mut managing = Terminal::run(&self.story.device, &["devices", "approve"]);
        managing.answer(text("ask.pairingText"), &offer);
        managing.see(text("pair.newDevice").with("label", "Tablet"));
        let (here, there) = (managing.read(CODE), new.read(CODE));
        (new, managing, there.trim().to_owned(), here.trim().to_owned())
    }
}

#[test]
fn a_device_comes_in_without_anything_being_typed() {
    let scene = Scene::begin();
    let (mut new, mut managing, there, here) = scene.meet();
    assert_eq!(there, here);
    managing.answer(text("pair.askSameManaging"), text("typed.yes"));
    managing.answer(text("pair.askPermission"), "restore");
    new.answer(text("pair.askSame"), text("typed.yes"));
    let (code, screen) = managing.end();
    let approved = text("pair.approved").with("label", "Tablet").with("permission", "restore");
    assert!(code == 0 && approved.is_in(&screen), "{screen}");
    let (code, screen) = new.end();
    assert!(code == 0 && text("pair.paired").is_in(&screen), "{screen}");
    assert!(screen.contains('█') || screen.contains('▀'), "a QR code: {screen}");
    assert!(!screen.contains(PASSPHRASE));

    assert_eq!(scene.tablet.json_alone(&["show", "first"])["entry"]["phrase"], PHRASE_24);
    let devices = scene.story.device.json_alone(&["devices"]);
    assert_eq!(devices["devices"][1]["label"], "Tablet");
    assert_eq!(devices["devices"][1]["permission"], "restore");
}

#[test]
fn a_person_who_sees_another_code_stops_both() {
    let scene = Scene::begin();
    let (mut new, mut managing, ..) = scene.meet();
    managing.answer(text("pair.askSameManaging"), text("typed.no"));
    new.answer(text("pair.askSame"), text("typed.no"));
    let (managing, new) = (managing.end(), new.end());
    for ((code, screen), said) in [(&managing, "pair.differManaging"), (&new, "pair.differ")] {
        assert!(*code == 7 && text(said).is_in(screen), "{screen}");
    }
    assert!(text("pair.differAdvice").is_in(&new.1), "{}", new.1);
    assert_eq!(scene.story.device.json_alone(&["devices"])["devices"].as_array().map(Vec::len), Some(1));
    assert!(!scene.tablet.home().join("account.json").exists(), "the tablet learned nothing");
}

#[test]
fn what_is_no_pairing_text_is_refused_before_anything_is_sent() {
    let scene = Scene::begin();
    let file = scene.story.device.write("pairing", "rootcellar-pair-1:AAAA");
    let mut approve = Terminal::run(&scene.story.device, &["devices", "approve", "--from", &file]);
    approve.see(text("output.error"));
    let (code, screen) = approve.end();
    assert_eq!(code, 10, "{screen}");
    let alone = scene.tablet.run_alone(&["devices", "pair"]);
    assert!(alone.code == 2 && alone.says(&text("pair.noTerminalAdvice")), "nobody could compare: {alone:?}");
}

#[test]
fn a_device_that_would_take_an_enrolled_ones_place_is_named_first() {
    let scene = Scene::begin();
    let (mut new, mut managing, ..) = scene.meet();
    managing.answer(text("pair.askSameManaging"), text("typed.yes"));
    managing.answer(text("pair.askPermission"), "backup");
    new.answer(text("pair.askSame"), text("typed.yes"));
    assert_eq!((managing.end().0, new.end().0), (0, 0));

    let before = scene.story.device.json_alone(&["devices"]);
    let (new, mut managing, ..) = scene.meet();
    managing.see(text("pair.replaces"));
    managing.answer(text("confirm.replace"), "no");
    let (code, screen) = managing.end();
    assert!(code != 0 && text("output.cancelled").is_in(&screen), "{screen}");
    drop(new);
    assert_eq!(scene.story.device.json_alone(&["devices"]), before);
}
