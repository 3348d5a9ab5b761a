//! A recovery code on its way to the user: shown or written to a file, confirmed, and only then activated.

use crate::connection::{Context, Native, TRIES};
use crate::exit::{Exit, Failure};
use crate::secret_input;
use crate::secret_output::SecretFile;
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
use rootcellar_client::Outcome;
use rootcellar_client::client::Client;
use rootcellar_client::pending_code::Ceremony;
use rootcellar_client::randomness::{SystemRandomness, bytes};
use rootcellar_client::recovery_code::RecoveryCode;
use std::fs;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A code that the user has confirmed.
pub(crate) struct NewRecoveryCode {
    code: RecoveryCode,
    ceremony: Ceremony,
    file: Option<PathBuf>,
}

/// Where it goes to, known before anything is asked of the vault.
pub(crate) struct Destination {
    ceremony: Ceremony,
    file: Option<SecretFile>,
    terminal: Option<Terminal>,
    yes: bool,
}

impl Destination {
    /// The file if one is given, else the terminal; a terminal to confirm on, unless there is a file and `yes`, which states that
    /// the code is kept. A registration takes the file alone as confirmed. A code that is only shown is always confirmed.
    pub(crate) fn prepare(
        ceremony: Ceremony,
        output: Option<&std::path::Path>,
        yes: bool,
    ) -> Result<Self, Failure> {
        let (what, option) = match ceremony {
            Ceremony::Registration => (text::what::RECOVERY_CODE, "--recovery-code-output FILE"),
            _ => (text::what::NEW_RECOVERY_CODE, text::option::CODE_OUTPUT_AND_YES),
        };
        let yes = output.is_some() && (yes || ceremony == Ceremony::Registration);
        let terminal =
            if output.is_none() || !yes { Some(secret_input::terminal(what, option)?) } else { None };
        Ok(Self { ceremony, file: SecretFile::create_if(output)?, terminal, yes })
    }

    /// Hands the code over and has the user confirm it. If that fails, the client forgets the code: its user was told that it opens
    /// nothing.
    pub(crate) async fn hand_over(
        self,
        context: &Context<'_>,
        client: &Client<Native>,
        code: RecoveryCode,
    ) -> Result<NewRecoveryCode, Failure> {
        match self.show(context, code) {
            Ok(new) => Ok(new),
            Err(failure) => {
                client.dismiss_code().await?;
                Err(failure)
            }
        }
    }

    fn show(self, context: &Context<'_>, code: RecoveryCode) -> Result<NewRecoveryCode, Failure> {
        let words = code.words();
        let file = self.file.as_ref().map(|file| file.path().to_owned());
        let is_first = self.ceremony == Ceremony::Registration;
        let shown = match self.file {
            Some(file) => {
                let place = file.path().display().to_string();
                file.write(Zeroizing::new(format!("{}\n", *words)).as_bytes())?;
                let shown: String = match is_first {
                    true => text::code::InFile { file: place }.into(),
                    false => text::code::InFileNew { file: place }.into(),
                };
                text::secret(text::line(shown))
            }
            None => {
                let shown = if is_first { text::code::SHOWN } else { text::code::SHOWN_NEW };
                text::secret(format_args!("{shown}\n\n    {}\n\n", *context.output.bold(&words)))
            }
        };
        let new = NewRecoveryCode { code, ceremony: self.ceremony, file };
        let Some(mut terminal) = self.terminal else { return Ok(new) };
        terminal.print(&shown)?;
        if self.yes {
            return Ok(new);
        }
        terminal.say(if is_first { text::code::FIRST } else { text::code::NOT_YET })?;
        let confirmed = match new.file {
            Some(_) => confirm_file(&mut terminal),
            None => confirm_words(&mut terminal, &words),
        };
        match confirmed {
            Ok(()) => Ok(new),
            Err(failure) => Err(new.unused(failure)),
        }
    }
}

fn confirm_file(terminal: &mut Terminal) -> Result<(), Failure> {
    let word = text::typed::WRITTEN;
    let prompt = text::confirm::Written { word }.to_string();
    if terminal.is_confirmed(&prompt, word)? { Ok(()) } else { Err(Failure::cancelled()) }
}

/// Asks for two words of the code, so that it is known to be on paper.
fn confirm_words(terminal: &mut Terminal, words: &str) -> Result<(), Failure> {
    let words: Vec<&str> = words.split(' ').collect();
    for place in two_places(words.len()) {
        let mut wrong = 0;
        loop {
            let input = terminal.ask_secret(&text::code::Word { place: place + 1 }.to_string())?;
            if Shape::Words
                .typed(&input, text::what::WORD)
                .is_ok_and(|word| word.trim().eq_ignore_ascii_case(words[place]))
            {
                break;
            }
            wrong += 1;
            if wrong == TRIES {
                return Err(Failure::new(Exit::Input, "confirm-words", text::code::NOT_CONFIRMED));
            }
            terminal.say(text::code::WORD_WRONG)?;
        }
    }
    Ok(())
}

/// Two different places, in order.
fn two_places(count: usize) -> [usize; 2] {
    let [first, second]: [u8; 2] = bytes(&mut SystemRandomness);
    let first = usize::from(first) % count;
    let other = usize::from(second) % (count - 1);
    let second = if other < first { other } else { other + 1 };
    [first.min(second), first.max(second)]
}

impl NewRecoveryCode {
    /// The code.
    pub(crate) fn code(&self) -> &RecoveryCode {
        &self.code
    }

    /// The file that it was written to.
    pub(crate) fn file(&self) -> Option<String> {
        self.file.as_ref().map(|file| file.display().to_string())
    }

    /// Says which code is valid after a failure. If it is certain that the new one is not, removes its file and has the client
    /// forget it.
    pub(crate) async fn after(self, client: &Client<Native>, outcome: Outcome, failure: Failure) -> Failure {
        match outcome {
            Outcome::Uncertain => failure.advise(text::code::UNSURE_ADVICE),
            Outcome::Done => failure,
            Outcome::NotSent | Outcome::Refused => match client.dismiss_code().await {
                Ok(()) => self.unused(failure),
                Err(error) => error.into(),
            },
        }
    }

    fn unused(self, failure: Failure) -> Failure {
        // A code that opens nothing would only mislead; one that stays is said to open nothing.
        let gone = self.file.is_none_or(|file| fs::remove_file(file).is_ok());
        let is_first = self.ceremony == Ceremony::Registration;
        let which = if is_first { text::code::UNUSED_FIRST } else { text::code::UNUSED };
        let file = (!gone).then(|| text::code::UNUSED_FILE.to_owned());
        let advice: Vec<_> =
            [Some(which.to_owned()), file, failure.advice.clone()].into_iter().flatten().collect();
        failure.advise(advice.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_different_words_are_asked_for() {
        for _ in 0..1_000 {
            let [first, second] = two_places(12);
            assert!(first < second && second < 12, "{first} {second}");
        }
    }
}
