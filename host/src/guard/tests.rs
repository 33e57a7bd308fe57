use super::*;

fn resolved(url: &str, allowed: &[&str]) -> Result<Vec<SocketAddr>, GuardError> {
    let allowed: Vec<IpNet> = allowed.iter().map(|network| network.parse().unwrap()).collect();
    resolve(&Url::parse(url).unwrap(), &allowed)
}

#[test]
fn d01_odd_spellings_of_ipv4_are_what_they_mean() {
    for host in ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1", "0", "①②⑦.⓪.⓪.①", "127.0.0.1."]
    {
        let url = format!("https://{host}/");
        assert!(matches!(resolved(&url, &[]), Err(GuardError::Forbidden { .. })), "{host}");
    }
}

#[test]
fn d02_ipv6_that_carries_ipv4_is_not_public() {
    let addresses = [
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "100::1",
        "::ffff:0:127.0.0.1",
    ];
    for address in addresses {
        assert!(!is_public(address.parse().unwrap()), "{address}");
        assert!(matches!(resolved(&format!("https://[{address}]/"), &[]), Err(GuardError::Forbidden { .. })));
    }
}

#[test]
fn d03_literals_are_checked_like_names() {
    let private = [
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.0.8",
    ];
    for address in private {
        assert!(
            matches!(resolved(&format!("https://{address}/"), &[]), Err(GuardError::Forbidden { .. })),
            "{address}"
        );
    }
    let public = ["1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1", "[2606:4700::1111]", "[2a00:1450::1]"];
    for address in public {
        assert_eq!(resolved(&format!("https://{address}:8443/"), &[]).unwrap()[0].port(), 8443, "{address}");
    }
}

#[test]
fn d04_one_bad_address_among_good_ones_refuses_the_host() {
    let addresses = ["1.1.1.1:443".parse().unwrap(), "127.0.0.1:443".parse().unwrap()];
    assert!(matches!(admit("rebind.example", &addresses, &[]), Err(GuardError::Forbidden { .. })));
    assert!(admit("rebind.example", &addresses[..1], &[]).is_ok());
}

#[test]
fn an_operator_may_allow_a_network_and_nothing_beside_it() {
    assert!(resolved("https://127.0.0.1/", &["127.0.0.0/8"]).is_ok());
    assert!(resolved("https://localhost/", &["127.0.0.0/8", "::1/128"]).is_ok());
    assert!(resolved("https://10.0.0.1/", &["127.0.0.0/8"]).is_err());
    // Allowing the IPv4 network does not allow another spelling of it.
    assert!(resolved("https://[::ffff:127.0.0.1]/", &["127.0.0.0/8"]).is_err());
}
