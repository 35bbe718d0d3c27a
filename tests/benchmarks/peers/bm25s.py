"""bm25s over words by jieba."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bm25s  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.contenders import SHOWN, Search

from .cutting import words

if TYPE_CHECKING:
    from tests.benchmarks.rows import Catalogues


class Bm25s:
    """bm25s over numpy."""

    def build(self, folder: Path, catalogues: Catalogues) -> None:
        """Score every word of every row."""
        retriever = bm25s.BM25(backend="numpy")
        cut = [words(text) for _, _, text in catalogues.texts()]
        retriever.index(cut, show_progress=False)
        retriever.save(folder)
        codes = [catalogues.code(county) for county in range(catalogues.areas)]
        np.save(folder / "areas.npy", np.repeat(np.array(codes), catalogues.each))

    def open(self, folder: Path, one_area: bool) -> Search:
        """Load the scores."""
        words("热身")
        areas = None if one_area else np.load(folder / "areas.npy")
        return partial(self._search, bm25s.BM25.load(folder), areas)

    @staticmethod
    def _search(
        retriever: Any, areas: NDArray[np.str_] | None, text: str, area: str
    ) -> list[int | None]:
        mask = None if areas is None else (areas == area).astype(np.float32)
        found, scores = retriever.retrieve(
            [words(text)], k=SHOWN, show_progress=False, weight_mask=mask
        )
        return [int(n) for n, score in zip(found[0], scores[0], strict=True) if score > 0]
