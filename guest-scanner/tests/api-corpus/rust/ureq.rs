/* ureq::get("https://block.example") /* nested */ still */
pub fn update(id: u32) -> Result<(), ureq::Error> {
    let base = r#"https://sync.example.com"#;
    ureq::post(&format!("{base}/jobs/{id}")).send_string("go")?;
    let agent = ureq::AgentBuilder::new().build();
    agent.get("https://sync.example.com/state").call()?;
    let map = std::collections::HashMap::<&str, &str>::new();
    map.get("https://sync.example.com/not");
    Ok(())
}
