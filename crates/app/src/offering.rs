//! What this household tells the scripts of a site: titles of the channel that the site's publisher has as well, if it is
//! followed here. Who asks learns nothing of other channels, and nothing of what is watched, liked or hidden here.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use catalogue::{
    Art,
    channel::{Address, Key, PackKind},
};
use futures_util::future::BoxFuture;
use library::{Library, LibraryError, Offered, Offers, Wish};
use serde_json::{Value, json};

use crate::{
    api::bytes::from_pack,
    cinema::{Cinema, Parts},
    http::problem::Problem,
    pictures::Which,
    sites::{Asker, NotTold, Offer, Question, Shelf, Wanted, poster_path},
};

/// How many titles are told of if nothing is said.
const LIMIT: u32 = 50;

/// The shelf of a household, which does not hold it open.
struct Household(Weak<Parts>);

/// What sites may be told by this household.
#[must_use]
pub fn offer(cinema: &Cinema) -> Offer {
    Offer(Arc::new(Household(cinema.weak())))
}

impl Shelf for Household {
    fn answer(
        &self,
        asker: Asker,
        question: Question,
    ) -> BoxFuture<'static, Result<Value, NotTold>> {
        let cinema = Cinema::of(&self.0);
        Box::pin(async move {
            let cinema = cinema.ok_or(NotTold::Failed)?;
            let channel = channel(&cinema, asker).await?;
            match question {
                Question::Query(wanted) => query(&cinema, channel, wanted).await,
                Question::Title(wanted) => title(&cinema, channel, wanted.id).await,
                Question::Play(wanted) => {
                    let (offered, _) = one(&cinema, channel, wanted.id).await?;
                    Ok(json!({"address": address(channel, &offered.id)?}))
                }
            }
        })
    }

    fn poster(&self, asker: Asker, id: String) -> BoxFuture<'static, Result<Bytes, NotTold>> {
        let cinema = Cinema::of(&self.0);
        Box::pin(async move {
            let cinema = cinema.ok_or(NotTold::Failed)?;
            let channel = channel(&cinema, asker).await?;
            let (offered, _) = one(&cinema, channel, id).await?;
            // One within a film would have that fetched.
            let Some(Art::Sha256(hash)) = offered.poster else { return Err(NotTold::TitleUnknown) };
            let fetched = from_pack(&cinema, channel.to_string(), PackKind::Pictures, hash);
            let picture = cinema.pictures.of_hash(Which::Poster, hash, fetched).await;
            picture.map_err(|_| NotTold::Failed)
        })
    }
}

/// The channel that a site may see: followed here or our own, and one of whose keys says that they belong together.
async fn channel(cinema: &Cinema, (word, site): Asker) -> Result<Key, NotTold> {
    let folder = cinema.channels.folder(word.channel);
    let work = tokio::task::spawn_blocking(move || {
        if !folder.is_followed() && !folder.is_own() {
            return Err(NotTold::NotFollowed);
        }
        let standing = folder.standing().map_err(|_| NotTold::Failed)?;
        let online = standing.root().map_or(&[][..], |root| &root.online);
        if word.holds(&site, online) { Ok(word.channel) } else { Err(NotTold::NoChannel) }
    });
    work.await.unwrap_or(Err(NotTold::Failed))
}

async fn read<T: Send + 'static>(
    cinema: &Cinema,
    work: impl FnOnce(&Library) -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, NotTold> {
    cinema.library(work).await.map_err(|problem: Problem| {
        tracing::warn!(?problem, "a site's question was not answered");
        NotTold::Failed
    })
}

async fn query(cinema: &Cinema, channel: Key, wanted: Wanted) -> Result<Value, NotTold> {
    let Wanted { text, kind, language, limit, offset } = wanted;
    let wish = Wish { text, kind, language, limit: limit.unwrap_or(LIMIT), offset };
    let (source, languages) = (channel.to_string(), cinema.languages());
    let offers = read(cinema, move |library| library.offered(&source, &wish, &languages)).await?;
    let Offers { total, titles } = offers.ok_or(NotTold::NotFollowed)?;
    let titles: Vec<_> = titles.iter().map(card).collect();
    Ok(json!({"total": total, "titles": titles}))
}

async fn one(
    cinema: &Cinema,
    channel: Key,
    id: String,
) -> Result<(Offered, catalogue::Title), NotTold> {
    let (source, languages) = (channel.to_string(), cinema.languages());
    let found = move |library: &Library| library.offered_title(&source, &id, &languages);
    read(cinema, found).await?.ok_or(NotTold::TitleUnknown)
}

async fn title(cinema: &Cinema, channel: Key, id: String) -> Result<Value, NotTold> {
    let (offered, record) = one(cinema, channel, id).await?;
    let people: Vec<_> = (record.people.iter())
        .map(|person| json!({"name": &*person.name, "role": person.role.to_string()}))
        .collect();
    let countries: Vec<_> = record.countries.iter().map(ToString::to_string).collect();
    let mut told = card(&offered);
    told["synopsis"] = json!(record.synopsis.pick(&cinema.languages().0));
    told["people"] = json!(people);
    told["countries"] = json!(countries);
    told["attribution"] = json!(&*record.attribution);
    told["source"] = json!(&*record.source);
    told["licence_statement"] = json!(record.licence_statement.as_deref());
    told["address"] = json!(address(channel, &offered.id)?);
    Ok(told)
}

fn card(offered: &Offered) -> Value {
    let has_poster = matches!(offered.poster, Some(Art::Sha256(_)));
    json!({
        "id": offered.id, "kind": offered.kind, "name": offered.name, "year": offered.year,
        "runtime_s": offered.runtime_s, "genres": offered.genres, "licence": offered.licence.spdx(),
        "audio_languages": offered.audio_languages, "subtitle_languages": offered.subtitle_languages,
        "poster": has_poster.then(|| poster_path(&offered.id)),
    })
}

/// Where a title is for people: what a link to it says as well.
fn address(channel: Key, id: &str) -> Result<String, NotTold> {
    let title = id.to_owned().try_into().map_err(|_| NotTold::Failed)?;
    Ok(Address { title: Some(title), ..Address::new(channel) }.to_string())
}
