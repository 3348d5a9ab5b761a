//! A new recovery code, which reaches the person before it becomes valid: interrupted before that, the old one still holds.

use crate::connection::Context;
use crate::exit::{Exit, Failure};
use crate::secret_input;
use crate::secret_output::SecretFile;
use crate::terminal::Terminal;
use rootcellar_client::randomness::SystemRandomness;
use rootcellar_client::recovery_code::RecoveryCode;
use std::fs;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A code that the person has.
pub(crate) struct NewRecoveryCode {
    code: RecoveryCode,
    file: Option<PathBuf>,
}

/// Where it goes to, known before anything is asked of the vault.
pub(crate) struct Destination {
    file: Option<SecretFile>,
    terminal: Option<Terminal>,
    yes: bool,
}

const OPTION: &str = "--recovery-code-output FILE and --yes";
const WORD: &str = "written";

impl Destination {
    /// The file, where one is given, else the terminal; a terminal to confirm on, unless `yes`.
    pub(crate) fn prepare(output: Option<&std::path::Path>, yes: bool) -> Result<Self, Failure> {
        let terminal = if output.is_none() || !yes {
            Some(secret_input::terminal("New recovery code", OPTION)?)
        } else {
            None
        };
        Ok(Self { file: SecretFile::create_if(output)?, terminal, yes })
    }

    /// Makes a code, hands it over and has the person confirm that it is kept.
    pub(crate) fn hand_over(self, context: &Context<'_>) -> Result<NewRecoveryCode, Failure> {
        let code = RecoveryCode::generate(&mut SystemRandomness);
        let words = code.words();
        let file = self.file.as_ref().map(|file| file.path().to_owned());
        let shown = match self.file {
            Some(file) => {
                let shown = format!("Your new recovery code is in {}.\n", file.path().display());
                file.write(Zeroizing::new(format!("{}\n", *words)).as_bytes())?;
                Zeroizing::new(shown)
            }
            None => Zeroizing::new(format!(
                "Your new recovery code - write it down on paper now, it is shown only once:\n\n    {}\n\n",
                *context.output.bold(&words)
            )),
        };
        let new = NewRecoveryCode { code, file };
        let Some(mut terminal) = self.terminal else { return Ok(new) };
        terminal.print(&shown)?;
        if self.yes {
            return Ok(new);
        }
        let question = format!(
            "It does not hold yet: until you confirm, the old one does. Type '{WORD}' once you have it: "
        );
        match terminal.ask(&question) {
            Ok(answer) if answer.eq_ignore_ascii_case(WORD) => Ok(new),
            Ok(_) => Err(new.unused(Failure::cancelled())),
            Err(failure) => Err(new.unused(failure)),
        }
    }
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

    /// Says which code holds after a failure, and takes back one that certainly does not.
    pub(crate) fn after(self, failure: Failure) -> Failure {
        if failure.exit != Exit::Unfinished {
            return self.unused(failure);
        }
        failure.advise(
            "Keep the old recovery code and the new one: 'rootcellar recover' takes the one that holds.",
        )
    }

    fn unused(self, failure: Failure) -> Failure {
        // A code that opens nothing would only mislead; one that stays is said to open nothing.
        let gone = self.file.is_none_or(|file| fs::remove_file(file).is_ok());
        let file = if gone { "" } else { " What is in the file opens nothing." };
        let advice = format!("The old recovery code still holds; the new one does not.{file}");
        let advice = match &failure.advice {
            Some(more) => format!("{advice} {more}"),
            None => advice,
        };
        failure.advise(advice)
    }
}
