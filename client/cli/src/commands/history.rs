//! `history`: what happened to the account, and how much of it is proven.

use crate::access::{Intent, Returning};
use crate::args::Login;
use crate::connection::Context;
use crate::exit::Failure;
use crate::history_view::{HistoryView, Labels};

pub(super) async fn run(context: &Context<'_>, login: &Login) -> Result<(), Failure> {
    let ready = Returning::prepare(context, login)?.ready(context, Intent::LookAtAccount).await?;
    let mut session = ready.sign_in(context, Intent::LookAtAccount).await?;
    // Without the labels the history still tells which device it was, by its id.
    let labels = match context.progress.during(session.devices()).await {
        Ok(devices) => {
            let labels = devices.iter().map(|one| (one.device.id, one.device.label.text().clone()));
            labels.collect()
        }
        Err(error) => {
            let failure = Failure::from(error);
            context.output.warn(failure.code, failure.message);
            Labels::new()
        }
    };
    let checked = context.progress.during(session.history()).await?;
    let view = HistoryView::of(&checked, &labels);
    context.output.result(&view, &view.text())
}
