//! As much of HTTP/2 as an attacker needs (RFC 9113, RFC 7541).

/// What a client begins with: the preface and its settings, of which one is the window of each stream.
pub(super) fn preface(window: u32) -> Vec<u8> {
    let mut setting = vec![0, 4];
    setting.extend(window.to_be_bytes());
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &setting));
    bytes
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The head of a request, whose body follows or not.
pub(super) fn head(stream: u32, method: &str, path: &str, more: &[(&str, String)], ends: bool) -> Vec<u8> {
    let mut block = Vec::new();
    let pseudo = [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", path)];
    let more = more.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in pseudo.into_iter().chain(more) {
        // A literal that is not indexed, with a new name.
        block.push(0);
        for text in [name, value] {
            block.extend(length(text.len()));
            block.extend(text.as_bytes());
        }
    }
    frame(HEADERS, END_HEADERS | if ends { END_STREAM } else { 0 }, stream, &block)
}

/// An integer with a prefix of seven bits.
fn length(mut value: usize) -> Vec<u8> {
    if value < 127 {
        return vec![value as u8];
    }
    value -= 127;
    let mut bytes = vec![127];
    while value >= 128 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

pub(super) fn data(stream: u32, bytes: &[u8]) -> Vec<u8> {
    frame(DATA, 0, stream, bytes)
}

/// Takes whole frames off `inbox`, and returns the responses to its pings.
pub(super) fn answer_pings(inbox: &mut Vec<u8>) -> Vec<u8> {
    let mut answers = Vec::new();
    while let Some(head) = inbox.first_chunk::<9>() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (kind, flags) = (head[3], head[4]);
        if inbox.len() < 9 + length {
            break;
        }
        let whole: Vec<u8> = inbox.drain(..9 + length).collect();
        if kind == PING && flags & ACK == 0 {
            answers.extend(frame(PING, ACK, 0, &whole[9..]));
        }
    }
    answers
}
