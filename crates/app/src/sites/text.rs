//! Sites of Markdown: each text becomes a page of plain elements that is drawn here, in one of the themes that come with the
//! program. Nothing of its HTML is the publisher's.

mod book;
mod links;
mod markdown;
mod page;
mod theme;

pub(super) use self::{
    book::Book,
    page::{Page, STYLE, draw},
    theme::style,
};
