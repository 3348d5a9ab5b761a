//! A QR code of half blocks: two rows of modules in one line of text.

use crate::exit::{Exit, Failure};
use crate::text;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// Draws `text`. With `colour`, dark on light whatever the terminal's own colours are; without, for a dark terminal.
pub(crate) fn draw(text: &str, colour: bool) -> Result<String, Failure> {
    // The least correction: a screen has no stains, and a small code fits it.
    let code = QrCode::with_error_correction_level(text, EcLevel::L)
        .map_err(|error| Failure::new(Exit::Internal, "internal", text::output::NoQr { error }))?;
    // The library draws dark modules as text. That is right where colours are set; a dark terminal needs the opposite.
    let (dark, light) =
        if colour { (Dense1x2::Dark, Dense1x2::Light) } else { (Dense1x2::Light, Dense1x2::Dark) };
    let image = code.render().dark_color(dark).light_color(light).build();
    let line = |line: &str| if colour { format!("\x1b[30;107m{line}\x1b[0m\n") } else { format!("{line}\n") };
    Ok(image.lines().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::Color;

    /// Light modules around the code, as readers want it.
    const QUIET: usize = 4;
    const TEXT: &str = "rootcellar-pair-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// The modules of a drawing, `true` for light ones, read back as a camera would.
    fn light(drawn: &str, colour: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawn.lines() {
            let line = line.trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[0m");
            rows.push(line.chars().map(|c| matches!(c, '█' | '▀') != colour).collect());
            rows.push(line.chars().map(|c| matches!(c, '█' | '▄') != colour).collect());
        }
        rows
    }

    #[test]
    fn both_ways_of_drawing_show_the_code_itself() {
        let code = QrCode::with_error_correction_level(TEXT, EcLevel::L).expect("a code");
        for colour in [true, false] {
            let rows = light(&draw(TEXT, colour).expect("drawn"), colour);
            for y in 0..code.width() {
                for x in 0..code.width() {
                    let dark = code[(x, y)] == Color::Dark;
                    assert_ne!(rows[y + QUIET][x + QUIET], dark, "module {x},{y}, colour: {colour}");
                }
            }
            assert!(rows[..QUIET].iter().flatten().all(|light| *light), "a quiet zone");
        }
    }

    #[test]
    fn a_pairing_fits_a_terminal() {
        let drawn = draw(TEXT, false).expect("drawn");
        assert!(drawn.lines().count() <= 28, "{} lines", drawn.lines().count());
        assert!(drawn.lines().all(|line| line.chars().count() <= 60));
    }
}
