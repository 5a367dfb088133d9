//! A web server that knows nothing of torrents gives the whole of one: nginx.

use crate::{
    content::{Content, Form},
    kinora::{self, Kinora},
    service::{Place, Service, program},
};

/// An nginx with a folder of files, and the torrent that names it.
fn nginx(form: Form) -> (Service, Content) {
    let place = Place::free();
    let (address, here) = (place.address(), place.path().display().to_string());
    let content = Content::on_a_web_server(form, &format!("http://{address}/"));
    let root = content.seeds();
    let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {here}/{name};"))
        .concat();
    place.write(
        "nginx.conf",
        &format!(
            "daemon off; master_process off; pid {here}/pid; error_log {here}/errors;
             events {{}}
             http {{
                 access_log {here}/asked; {own}
                 server {{ listen {address}; root {}; }}
             }}",
            root.display()
        ),
    );
    let mut command = program("nginx");
    command.arg("-e").arg(place.path().join("errors"));
    command.arg("-c").arg(place.path().join("nginx.conf"));
    (place.serve(command), content)
}

fn nginx_alone_is_enough(form: Form) {
    let (_server, content) = nginx(form);
    let to = content.empty_folder();
    let network = ["--local".to_owned(), "--no-trackers".to_owned()];
    Kinora::download_by(&content, &to, &network).hears("done");
    content.assert_arrived(&to);
}

#[test]
fn nginx_alone_is_enough_for_a_v1_torrent() {
    nginx_alone_is_enough(Form::V1);
}

#[test]
fn nginx_alone_is_enough_for_a_hybrid_torrent() {
    nginx_alone_is_enough(Form::Hybrid);
}

#[test]
fn a_film_plays_from_its_middle_out_of_nginx() {
    let (server, content) = nginx(Form::Hybrid);
    let network = ["--local".to_owned(), "--no-trackers".to_owned()];
    let kinora = Kinora::stream_by(&content, content.film_number(), &network);
    let url = kinora.hears("ready")["stream_url"].as_str().expect("an address").to_owned();
    let film = content.film();
    let middle = film.len() / 2 + 1;
    assert!(kinora::get(&url, middle as u64) == film[middle..], "the second half differs");
    let asked = server.wrote("asked");
    assert!(asked.lines().all(|line| line.contains("\" 206 ")), "parts were asked for: {asked}");
}
