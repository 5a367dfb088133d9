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
