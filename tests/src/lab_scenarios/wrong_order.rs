//! A rendered file in the article's wrong order: the epair is up before its MAC is set, so the stock MAC's address stays.

use std::path::Path;

use super::Outcome;
use super::jail::install;
use super::judgement::Judgement;
use super::station::stations;
use crate::lab::Scene;

const RELEASE: &str = "14.1";
const JAIL: &str = "web01";

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let scene = Scene::with_bridges(program, RELEASE, 1)?;
    let host = scene.host(0);
    let file = install(host, JAIL, 11, RELEASE);
    let right = host.read(&file);
    let wrong = right.replace("epair11 create description", "epair11 create up description");
    if right == wrong {
        return Err("the rendered file has no step that could come too early".to_owned());
    }
    host.write(&file, &wrong);
    host.done(&format!("/usr/sbin/jail -f {file} -c {JAIL}"));
    let stations = [stations(host, None), stations(host, Some(JAIL))].concat();
    let judgement = Judgement::of(&stations);
    Ok(Outcome {
        is_as_it_must_be: judgement.strange > 0,
        verdict: format!("{} link-local addresses are not of their MAC", judgement.strange),
        ..Outcome::of(1, 1, stations)
    })
}
