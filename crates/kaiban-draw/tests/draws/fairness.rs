//! Everybody has the same chance, and nobody who is recused checks.
//!
//! Seeds are hashes of a counter, so each test has one outcome for ever. Its bound is six standard deviations of chi-square
//! (mean = degrees of freedom, variance twice that): an unfair sampler is far beyond it, a fair one would be once in millions.

use std::collections::BTreeMap;

use kaiban_draw::{Hex32, Item, checkers_of, sample};
use proptest::prelude::*;

use crate::scene::{checker, item, number, pool, roster, shares};

const SEEDS: usize = 2_000;

fn seeds() -> impl Iterator<Item = Hex32> {
    (0..SEEDS).map(|index| number(&format!("seed {index}")))
}

/// Chi-square of counts that are all expected to be the same, and what it may be. `variance` is that of one count, as a part of its
/// mean: drawing without replacement makes counts more even than chance.
fn evenness<'a>(counts: impl IntoIterator<Item = &'a usize>, variance: f64) -> (f64, f64) {
    let counts: Vec<f64> = counts.into_iter().map(|count| *count as f64).collect();
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let chi_square = counts.iter().map(|count| (count - mean).powi(2) / (mean * variance)).sum();
    let freedom = counts.len() as f64 - 1.0;
    (chi_square, freedom + 6.0 * (2.0 * freedom).sqrt())
}

#[test]
fn every_item_of_a_stratum_has_the_same_chance() {
    let items: Vec<Item> = pool(90);
    let shares = shares(&[("credit-a", 10), ("credit-b", 15)]);
    let mut drawn: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for item in &items {
        drawn.entry(&item.stratum).or_default().insert(&item.id, 0);
    }
    for seed in seeds() {
        for item in sample(&seed, &items, &shares) {
            *drawn.get_mut(item.stratum.as_str()).unwrap().get_mut(item.id.as_str()).unwrap() += 1;
        }
    }
    for (stratum, chance) in [("credit-a", 6.0 / 60.0), ("credit-b", 5.0 / 30.0)] {
        let counts = &drawn[stratum];
        assert_eq!(counts.values().sum::<usize>(), (SEEDS as f64 * chance * counts.len() as f64).round() as usize);
        let size = counts.len() as f64;
        let (chi_square, bound) = evenness(counts.values(), (1.0 - chance) * size / (size - 1.0));
        assert!(chi_square < bound, "{stratum}: {chi_square} ≥ {bound}");
    }
}

/// Two items are drawn together as often as any other two.
#[test]
fn every_pair_of_items_has_the_same_chance() {
    let items: Vec<Item> = (0..8).map(|index| item(&format!("case-{index}"), "a", &[])).collect();
    let mut together: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for seed in seeds() {
        let drawn = sample(&seed, &items, &shares(&[("a", 25)]));
        let (one, other) = (drawn[0].id.as_str(), drawn[1].id.as_str());
        *together.entry((one.min(other), one.max(other))).or_default() += 1;
    }
    assert_eq!(together.len(), 28);
    let (chi_square, bound) = evenness(together.values(), 1.0);
    assert!(chi_square < bound, "{chi_square} ≥ {bound}");
}

#[test]
fn every_pair_of_eligible_checkers_has_the_same_chance() {
    let roster = roster();
    let case = item("case-1", "a", &["cangshan"]);
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for seed in seeds() {
        let two = checkers_of(&seed, &case, &roster, 2);
        *pairs.entry((&two[0].id, &two[1].id)).or_default() += 1;
    }
    assert_eq!(pairs.len(), 12, "ordered pairs of four");
    let (chi_square, bound) = evenness(pairs.values(), 1.0);
    assert!(chi_square < bound, "{chi_square} ≥ {bound}");
}

proptest! {
    /// ⌈N · percent / 100⌉ of each stratum, each once; and at least one of whatever has a share.
    #[test]
    fn exactly_the_share_is_drawn(
        seed in any::<[u8; 32]>(),
        sizes in prop::collection::vec((0usize..60, 0u8..=100), 1..5),
    ) {
        let names: Vec<String> = (0..sizes.len()).map(|index| format!("stratum-{index}")).collect();
        let mut items = Vec::new();
        for (name, (size, _)) in names.iter().zip(&sizes) {
            items.extend((0..*size).map(|index| item(&format!("{name}.{index}"), name, &[])));
        }
        let shares = names.iter().cloned().zip(sizes.iter().map(|(_, percent)| *percent)).collect();
        let drawn = sample(&Hex32::from(seed), &items, &shares);
        let distinct: std::collections::BTreeSet<&str> = drawn.iter().map(|item| item.id.as_str()).collect();
        prop_assert_eq!(distinct.len(), drawn.len());
        for (name, (size, percent)) in names.iter().zip(sizes) {
            let of_it = drawn.iter().filter(|item| item.stratum == *name).count();
            let exact = size as f64 * f64::from(percent) / 100.0;
            prop_assert_eq!(of_it, exact.ceil() as usize);
            prop_assert_eq!(of_it > 0, size > 0 && percent > 0);
        }
    }

    /// Neither by their own id nor by that of their office.
    #[test]
    fn nobody_recused_checks(
        seed in any::<[u8; 32]>(),
        officers in prop::collection::vec(0u8..6, 0..30),
        recuse in prop::collection::vec(prop_oneof![(0u8..6).prop_map(|o| format!("office-{o}")), (0usize..30).prop_map(|c| format!("c-{c}"))], 0..5),
        count in 0usize..5,
    ) {
        let officers = officers.iter().enumerate();
        let roster: Vec<_> = officers.map(|(id, office)| checker(&format!("c-{id}"), &format!("office-{office}"))).collect();
        let recuse: Vec<&str> = recuse.iter().map(String::as_str).collect();
        let case = item("case", "a", &recuse);
        let drawn = checkers_of(&Hex32::from(seed), &case, &roster, count);
        prop_assert!(drawn.iter().all(|c| !recuse.contains(&c.id.as_str()) && !recuse.contains(&c.organisation.as_str())));
        let eligible = roster.iter().filter(|c| !recuse.contains(&c.id.as_str()) && !recuse.contains(&c.organisation.as_str()));
        prop_assert_eq!(drawn.len(), eligible.count().min(count));
        let distinct: std::collections::BTreeSet<&str> = drawn.iter().map(|c| c.id.as_str()).collect();
        prop_assert_eq!(distinct.len(), drawn.len());
    }

    /// An item's fate does not depend on where it stands, nor its checkers on the other items.
    #[test]
    fn order_does_not_matter(seed in any::<[u8; 32]>(), items in 1usize..40, turn in 0usize..40) {
        let seed = Hex32::from(seed);
        let (there, mut turned) = (pool(items), pool(items));
        turned.rotate_left(turn % items);
        let shares = shares(&[("credit-a", 30), ("credit-b", 50)]);
        prop_assert_eq!(sample(&seed, &there, &shares), sample(&seed, &turned, &shares));
    }
}
