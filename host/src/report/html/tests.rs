use fumehood_contract::{FileRecord, Package};

use super::*;
use crate::report::testing::repository;

fn page(name: &str) -> String {
    let package = Package { name: name.to_owned(), purl: "pkg:npm/x".to_owned(), ..Package::default() };
    let file = FileRecord { path: name.to_owned(), packages: vec![package], ..FileRecord::default() };
    let mut out = Vec::new();
    write(&mut out, &[repository(name, vec![file])]).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn hostile_names_stay_text() {
    let page = page("</script><img src=x onerror=alert(1)>\"'&");
    assert!(!page.contains("<img"));
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
    assert_eq!(page.matches("</script>").count(), 1);
}

#[test]
fn nothing_is_inline_but_what_the_policy_names() {
    let page = page("x");
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for forbidden in [" style=", " onclick=", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(page("x"), page("x"));
}
