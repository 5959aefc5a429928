"""A view stores samples in less than plotly does."""

from __future__ import annotations

import numpy as np
import plotly.express

from nbimage.view.model.samples import as_samples


def test_noise_takes_a_third_of_what_a_heat_map_takes() -> None:
    noise = np.random.default_rng(0).normal(size=(512, 512))
    peer = len(plotly.express.imshow(noise).to_json())
    assert len(as_samples(noise).stored["data"]) <= peer / 3
