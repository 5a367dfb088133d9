//! Nonsense for every route of the description: each answer is a problem that says so, and none is our own fault.

use app::http::listener::Limits;
use serde_json::{Map, Value, json};

use super::support::{House, Reply};

/// Bodies that no route takes, whatever it expects.
const NEVER_RIGHT: [&[u8]; 9] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"1e999",
    b"\"text\"",
    b"\xff\xfe{\x00}",
    b"{\"no_such_field\": 1}",
    b"{\"id\": 1, \"id\": 2",
];

/// Values that are wrong for most fields, and odd for the others.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}\u{202e}../../etc/passwd"),
        json!("x".repeat(10_000)),
        json!([]),
        json!([[["a"]]]),
        json!({}),
        json!({"a": {"b": null}}),
    ]
}

/// What is written into a path where an id is meant.
const ODD_IDS: [&str; 8] =
    ["x", "%20", "..", "%2e%2e", "%00", "%ff", "%27%3B%20DROP%20TABLE%20titles--", "%F0%9F%8E%AC"];

/// What is written behind a parameter's `=`.
const ODD_PARAMETERS: [&str; 8] =
    ["", "-1", "0", "99999999999999999999", "1e9", "%00", "%ff", "%22%20OR%201%3D1"];

/// One method of one path, as the description has it.
struct Operation<'a> {
    method: String,
    path: &'a str,
    about: &'a Value,
}

impl Operation<'_> {
    fn parameters(&self, place: &str) -> Vec<&Value> {
        let all = self.about["parameters"].as_array().into_iter().flatten();
        all.filter(|parameter| parameter["in"] == place).collect()
    }

    /// The path with this in the place of every id.
    fn path_with(&self, id: &str) -> String {
        let part = |part: &str| if part.starts_with('{') { id.to_owned() } else { part.to_owned() };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// The schema of its JSON body.
    fn body(&self) -> Option<&Value> {
        self.about.pointer("/requestBody/content/application~1json/schema")
    }

    /// Whether its answer has an end.
    fn ends(&self) -> bool {
        !self.path.ends_with("/events")
    }
}

fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, about)| Operation {
                method: method.to_ascii_uppercase(),
                path,
                about,
            })
        })
        .collect()
}

/// The schema itself, where it only points to one or allows `null` beside one.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let options = schema["oneOf"].as_array().into_iter().flatten();
    let target = options.chain([schema]).find_map(|one| one["$ref"].as_str());
    target.and_then(|name| description.pointer(name.strip_prefix('#')?)).unwrap_or(schema)
}

/// A body that fits the schema, as small as it can be.
fn sample(description: &Value, schema: &Value) -> Value {
    let schema = resolved(description, schema);
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match schema["type"].as_str() {
        Some("object") => {
            let field =
                |name: &str| (name.to_owned(), sample(description, &schema["properties"][name]));
            Value::Object(required.map(field).collect::<Map<_, _>>())
        }
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => json!("x"),
    }
}

/// Every body in which one field holds an odd value, and that is otherwise as it should be.
fn odd_bodies(description: &Value, schema: &Value) -> Vec<Value> {
    let schema = resolved(description, schema);
    let fields = schema["properties"].as_object().into_iter().flatten();
    let fields = fields.flat_map(|(name, inner)| {
        let deeper = odd_bodies(description, inner);
        odd_values().into_iter().chain(deeper).map(move |value| (name, value))
    });
    let with = |(name, value): (&String, Value)| {
        let mut body = sample(description, schema);
        body[name] = value;
        body
    };
    fields.map(with).collect()
}

fn assert_refused(reply: &Reply, asked: &str) {
    assert!((400..500).contains(&reply.status), "{asked}: {}", reply.status);
    assert_problem(reply, asked);
}

/// An odd value may happen to be right; if it is not, the answer says so, and nothing broke on our side.
fn assert_not_our_fault(reply: &Reply, asked: &str) {
    let text = String::from_utf8_lossy(&reply.body);
    assert!(reply.status < 500, "{asked}: {} {text}", reply.status);
    if reply.status >= 400 {
        assert_problem(reply, asked);
    }
}

fn assert_problem(reply: &Reply, asked: &str) {
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{asked}");
    let problem = reply.json();
    assert_eq!(problem["status"], reply.status, "{asked}");
    for text in ["code", "title", "hint"] {
        assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{asked}: {problem}");
    }
}

async fn cinema() -> (House, Value) {
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    let description = house.send("GET", "/api/v1/openapi.json", "", b"").await.json();
    (house, description)
}

fn with_token(house: &House, more: &str) -> String {
    format!("Authorization: Bearer {}\r\n{more}", house.server.token.reveal())
}

#[tokio::test]
async fn no_route_takes_a_body_that_is_none() {
    let (house, description) = cinema().await;
    let mut asked = 0;
    for operation in operations(&description).iter().filter(|one| one.body().is_some()) {
        let (method, path) = (operation.method.as_str(), operation.path_with("test.night"));
        let json = with_token(&house, "Content-Type: application/json\r\n");
        for body in NEVER_RIGHT {
            let reply = house.send(method, &path, &json, body).await;
            let about = format!("{method} {path} {:?}", String::from_utf8_lossy(body));
            assert_refused(&reply, &about);
            asked += 1;
        }
        for kind in ["", "Content-Type: text/plain\r\n", "Content-Type: application/jsonp\r\n"] {
            let reply = house.send(method, &path, &with_token(&house, kind), b"{}").await;
            assert_eq!(reply.status, 415, "{method} {path} {kind}");
            assert_problem(&reply, &path);
        }
        let chunked = with_token(&house, "Transfer-Encoding: chunked\r\nConnection: close\r\n");
        let port = house.server.port;
        let raw =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{chunked}\r\n0\r\n\r\n");
        let reply = Reply::parse(&house.raw(raw.as_bytes()).await);
        assert_eq!((reply.status, reply.code().as_str()), (411, "length_missing"), "{path}");
    }
    assert!(asked >= 60, "the description names the bodies: {asked}");
    house.stop().await;
}

#[tokio::test]
async fn no_odd_value_in_a_body_is_our_fault() {
    let (house, description) = cinema().await;
    let mut asked = 0;
    for operation in operations(&description) {
        let Some(schema) = operation.body() else { continue };
        let path = operation.path_with("test.night");
        for body in odd_bodies(&description, schema) {
            let reply = house.ask(&operation.method, &path, Some(body.clone())).await;
            let text = body.to_string();
            assert_not_our_fault(&reply, &format!("{} {path} {text:.200}", operation.method));
            asked += 1;
        }
    }
    assert!(asked > 300, "every field of every body: {asked}");
    house.stop().await;
}

#[tokio::test]
async fn no_odd_id_or_parameter_is_our_fault() {
    let (house, description) = cinema().await;
    let long = "x".repeat(4000);
    let long = long.as_str();
    for operation in operations(&description).iter().filter(|one| one.ends()) {
        let body = operation.body().map(|schema| sample(&description, schema));
        let mut paths: Vec<_> =
            ODD_IDS.iter().chain([&long]).map(|id| operation.path_with(id)).collect();
        for parameter in operation.parameters("query") {
            let (path, name) = (operation.path_with("x"), parameter["name"].as_str().unwrap());
            let queries = ODD_PARAMETERS.iter().chain([&long]);
            paths.extend(queries.map(|value| format!("{path}?{name}={value}")));
            paths.push(format!("{path}?{name}=1&{name}=2&{name}"));
        }
        paths.push(format!("{}?%", operation.path_with("x")));
        paths.dedup();
        for path in paths {
            let reply = house.ask(&operation.method, &path, body.clone()).await;
            assert_not_our_fault(&reply, &format!("{} {path:.200}", operation.method));
        }
    }
    house.stop().await;
}

#[tokio::test]
async fn a_parameter_of_the_wrong_kind_is_named_as_wrong() {
    let (house, description) = cinema().await;
    let mut asked = 0;
    for operation in operations(&description).iter().filter(|one| one.ends()) {
        for parameter in operation.parameters("query") {
            let schema = resolved(&description, &parameter["schema"]);
            let is_text = schema["type"] == "string" && schema["enum"].is_null();
            if is_text {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let path = format!("{}?{name}=a+film", operation.path_with("x"));
            let reply = house.ask(&operation.method, &path, None).await;
            assert_refused(&reply, &format!("{} {path}", operation.method));
            asked += 1;
        }
    }
    assert!(asked >= 7, "numbers, flags and words: {asked}");
    house.stop().await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused_by_name() {
    let (house, description) = cinema().await;
    let all = operations(&description);
    for path in all.iter().map(|operation| operation.path) {
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
            if all.iter().any(|one| one.path == path && one.method == method) {
                continue;
            }
            let reply = house.ask(method, path, None).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (405, "method_wrong"),
                "{method} {path}"
            );
        }
    }
    house.stop().await;
}
