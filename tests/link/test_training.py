"""Does the model say what Splink learns, where that can be learned?"""

from math import log2

from bench.link_train import trained
from transforms.link.model.settings import levels

LEARNABLE = {
    "surname": ("SAME", "ALIKE"),
    "given": ("SAME", "VARIANT", "ALIKE"),
    "birth": ("SAME", "NEAR", "YEAR_SAME"),
    "place": ("ADDRESS_SAME", "POSTCODE_SAME"),
    "telephone": ("SAME",),
    "nominal": ("SAME",),
}


def test_m_of_the_model_is_what_splink_learns_to_half_a_bit() -> None:
    learned = trained()
    in_use = {(level.field, level.level.name): level.m for level in levels()}
    for field, names in LEARNABLE.items():
        by_name = {level.name: m for level, m in learned[field].items()}
        apart = {name: log2(in_use[field, name] / by_name[name]) for name in names}
        assert max(map(abs, apart.values())) < 0.5, (field, apart)
