//! Are GitLab's API and GitHub's served rightly? As curl sees them.

use e2e::Forge;

const TOKEN: &str = "a-token-of-one-test-0123456789";

#[test]
fn gitlab_lists_a_group_in_pages() {
    let Some(forge) = Forge::start() else { return };
    forge
        .repositories("acme/tools", 45)
        .repositories("acme", 3)
        .archived("acme/old")
        .fork("acme/copy")
        .empty("acme/empty");
    forge.private("acme/secret", TOKEN);
    let Some(group) = forge.curl("/api/v4/groups/acme%2Ftools", &[]) else { return };
    assert_eq!(group.json()["full_path"], "acme/tools");

    let direct = forge.curl("/api/v4/groups/acme/projects", &[]).unwrap();
    assert_eq!(direct.texts("path_with_namespace").len(), 6);

    let query = "include_subgroups=true&per_page=20&sort=asc&order_by=id";
    let mut url = Some(format!("/api/v4/groups/acme/projects?{query}"));
    let (mut found, mut pages) = (Vec::new(), 0);
    while let Some(next) = url {
        let page = forge.curl(&next, &[]).unwrap();
        assert_eq!(page.header("x-total-pages"), Some("3"));
        assert_eq!(page.header("x-next-page").unwrap().is_empty(), page.next().is_none());
        found.extend(page.texts("path_with_namespace"));
        url = page.next();
        pages += 1;
    }
    assert_eq!((found.len(), pages), (51, 3));
    assert_eq!(found[0], "acme/tools/repo-00");
    assert!(!found.contains(&"acme/secret".to_owned()));

    let active = forge.curl("/api/v4/groups/acme/projects?archived=false", &[]).unwrap();
    assert!(!active.texts("path_with_namespace").contains(&"acme/old".to_owned()));
}

#[test]
fn gitlab_says_what_a_project_is_to_who_may_know() {
    let Some(forge) = Forge::start() else { return };
    forge.archived("acme/old").fork("acme/copy").empty("acme/empty").private("acme/secret", TOKEN);
    forge.person("dana").private_group("hidden", TOKEN).repositories("dana", 2).repositories("hidden/inner", 1);
    let token = format!("PRIVATE-TOKEN: {TOKEN}");
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let Some(old) = forge.curl("/api/v4/projects/acme%2Fold", &["-H", &token]) else { return };
    assert_eq!((old.json()["archived"].clone(), old.json()["empty_repo"].clone()), (true.into(), false.into()));
    assert_eq!(old.json()["http_url_to_repo"], forge.url("acme/old"));
    let get = |path: &str, args: &[&str]| forge.curl(path, args).unwrap();
    assert!(get("/api/v4/projects/acme%2Fold", &[]).json().get("archived").is_none());
    assert!(get("/api/v4/projects/acme%2Fcopy", &["-H", &token]).json()["forked_from_project"].is_object());
    assert_eq!(get("/api/v4/projects/acme%2Fempty", &["-H", &token]).json()["empty_repo"], true);

    assert_eq!(get("/api/v4/projects/acme%2Fsecret", &[]).status, 404);
    assert_eq!(get("/api/v4/groups/hidden", &[]).status, 404);
    assert_eq!(get("/api/v4/groups/hidden%2Finner/projects", &[]).status, 404);
    assert_eq!(get("/api/v4/groups/nobody", &[]).json()["message"], "404 Group Not Found");
    assert_eq!(get("/api/v4/groups/acme", &["-H", "PRIVATE-TOKEN: wrong"]).status, 401);
    assert_eq!(get("/api/v4/projects/acme%2Fsecret", &["-H", &token]).json()["visibility"], "private");
    assert_eq!(get("/api/v4/groups/hidden%2Finner/projects", &["-H", &bearer]).texts("path").len(), 1);

    assert_eq!(get("/api/v4/groups/dana", &[]).status, 404);
    let dana = get("/api/v4/users?username=dana", &[]).json()[0]["id"].clone();
    assert_eq!(get(&format!("/api/v4/users/{dana}/projects"), &[]).texts("path"), ["repo-01", "repo-00"]);
    assert_eq!(get("/api/v4/users?username=acme", &[]).json(), serde_json::json!([]));
}

#[test]
fn github_lists_an_organisation_in_pages() {
    let Some(forge) = Forge::start() else { return };
    forge
        .person("dana")
        .repositories("acme", 65)
        .repositories("dana", 2)
        .private("acme/secret", TOKEN)
        .archived("acme/old");
    let mut url = Some("/api/v3/orgs/acme/repos?type=all&per_page=30".to_owned());
    let mut found = Vec::new();
    while let Some(next) = url {
        let Some(page) = forge.curl(&next, &[]) else { return };
        found.extend(page.texts("full_name"));
        url = page.next();
        assert!(url.iter().all(|next| next.contains("/api/v3/organizations/") && next.contains("type=all")), "{url:?}");
    }
    assert_eq!(found.len(), 66);
    let get = |path: &str, args: &[&str]| forge.curl(path, args).unwrap();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(get("/api/v3/orgs/acme/repos?per_page=100", &["-H", &bearer]).texts("name").len(), 67);
    assert_eq!(get("/api/v3/orgs/dana/repos", &[]).status, 404);
    assert_eq!(
        get("/api/v3/users/dana/repos", &[]).texts("clone_url"),
        [forge.url("dana/repo-00"), forge.url("dana/repo-01")]
    );
    assert_eq!(get("/api/v3/users/acme", &[]).json()["type"], "Organization");
    assert_eq!(get("/api/v3/repos/acme/old", &[]).json()["archived"], true);
    assert_eq!(get("/api/v3/repos/acme/secret", &[]).status, 404);
    assert_eq!(get("/api/v3/repos/acme/secret", &["-H", "Authorization: token wrong"]).status, 401);
    forge.github_api_at("/");
    assert_eq!(get("/repos/acme/old", &[]).json()["fork"], false);
}
