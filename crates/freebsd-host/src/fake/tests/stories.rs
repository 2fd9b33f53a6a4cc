//! Every story, by what it is about.

use super::script::check;

#[test]
fn the_articles_session_ends_as_the_article_says() {
    check("article.10.txt");
}

#[test]
fn a_cables_life_on_a_new_release() {
    check("cable.14.txt");
}

#[test]
fn what_ifconfig_refuses_it_refuses_in_its_own_words() {
    check("refusals.10.txt");
    check("refusals.15.txt");
}

#[test]
fn a_bridge_takes_members_by_its_releases_rules() {
    check("bridge.12.txt");
    check("bridge.15.txt");
}

#[test]
fn a_duplicate_is_detected_told_and_outlives_a_new_mac() {
    check("duplicate.10.txt");
    check("duplicate.14.txt");
}

#[test]
fn a_mac_that_two_have_moves_about() {
    check("flap.14.txt");
}

#[test]
fn two_owners_of_an_ipv4_address_complain() {
    check("arp.13.txt");
}

#[test]
fn jails_come_go_and_sometimes_stay_a_while() {
    check("jails.13.txt");
    check("jails.10.txt");
}

#[test]
fn hooks_run_in_the_true_order_and_a_failed_start_leaves_things_behind() {
    check("hooks.14.txt");
    check("unknown.10.txt");
}

#[test]
fn services_see_the_network_only_in_the_right_order() {
    check("services.12.txt");
}

#[test]
fn settings_modules_and_rules_are_there_to_be_asked() {
    check("settings.11.txt");
}
