"""tantivy over words by jieba, set apart by blanks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from tests.benchmarks.contenders import SHOWN, Search

from .cutting import words

if TYPE_CHECKING:
    from tests.benchmarks.rows import Catalogues


class Tantivy:
    """tantivy, given words by jieba, set apart by blanks."""

    def build(self, folder: Path, catalogues: Catalogues) -> None:
        """Write every row."""
        writer = tantivy.Index(self._schema(), str(folder)).writer(256_000_000, 1)
        for number, area, text in catalogues.texts():
            writer.add_document(
                tantivy.Document(number=number, area=area, text=" ".join(words(text)))
            )
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path, one_area: bool) -> Search:
        """Open the files."""
        words("热身")
        index = tantivy.Index.open(str(folder))
        return partial(self._search, index.searcher(), index.schema, one_area)

    @staticmethod
    def _schema() -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        builder.add_text_field("area", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        return builder.build()

    @staticmethod
    def _search(
        searcher: tantivy.Searcher, schema: tantivy.Schema, one_area: bool, text: str, area: str
    ) -> list[int | None]:
        def term(field: str, word: str) -> tantivy.Query:
            return tantivy.Query.term_query(schema, field, word, "freq")

        any_word = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, term("text", word)) for word in words(text)]
        )
        here = tantivy.Query.const_score_query(term("area", area), 0.0)
        query = any_word
        if not one_area:
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, any_word), (tantivy.Occur.Must, here)]
            )
        hits = searcher.search(query, SHOWN, count=False).hits
        return [searcher.doc(address)["number"][0] for _, address in hits]
