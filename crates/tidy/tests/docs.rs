//! The documents lead where they say they lead.

use std::path::Path;

use tidy::{files, read, root};

/// The targets of the links in a Markdown text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

#[test]
fn every_link_between_documents_leads_to_a_file() {
    for document in files().into_iter().filter(|file| file.ends_with(".md")) {
        let folder = Path::new(&document).parent().map(Path::to_owned).unwrap_or_default();
        let text = read(&document);
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            assert!(root().join(&folder).join(path).exists(), "{document} links {link}");
        }
    }
}

#[test]
fn the_jobs_that_documents_name_are_in_the_makefile() {
    let makefile = read("Makefile");
    for document in ["README.md", "CONTRIBUTING.md", "docs/architecture.md"] {
        for job in
            read(document).split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next())
        {
            assert!(makefile.contains(&format!("\n{job}: ")), "{document} names `make {job}`");
        }
    }
}

/// A number in the documents can be measured anew under its name.
#[test]
fn the_figures_that_the_benchmarks_page_names_are_made_by_the_script() {
    let script = read("scripts/figures");
    let page = read("docs/benchmarks.md");
    let is_figure =
        |word: &&str| ["sim.P", "engine.", "library."].iter().any(|area| word.starts_with(area));
    let named: Vec<_> = page.split('`').skip(1).step_by(2).filter(is_figure).collect();
    assert!(named.len() >= 20, "the page names figures in backticks: {named:?}");
    for name in named {
        assert!(script.contains(&format!("\"{name}\"")), "scripts/figures makes no {name}");
    }
}

/// A page that says "this test proves it" names one that exists; `name_…` stands for those that begin so.
#[test]
fn the_tests_that_pages_name_exist() {
    let rust = files().into_iter().filter(|file| file.ends_with(".rs"));
    let sources: String = rust.map(|file| read(&file)).collect();
    for (page, at_least) in
        [("docs/protocol.md", 30), ("docs/hostile-peers.md", 60), ("docs/attacks.md", 60)]
    {
        let text = read(page);
        let is_test = |word: &&str| {
            let sentence = word.matches('_').count() >= 3 || word.ends_with("_…");
            sentence && !word.contains(['/', ' ', '.'])
        };
        let named: Vec<_> = text.split('`').skip(1).step_by(2).filter(is_test).collect();
        assert!(named.len() >= at_least, "{page} names tests in backticks: {}", named.len());
        for test in named {
            let (start, end) = match test.strip_suffix('…') {
                Some(start) => (start, ""),
                None => (test, "("),
            };
            assert!(sources.contains(&format!("fn {start}{end}")), "{page}: no test is {test}");
        }
    }
}
