"""Text: encoders, decoders and recurrent language models, as model libraries write them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..entry import Entry, three

IDS = "B T:int64"
BT = three("B", "T", least=3)
SMALL = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
}


def made(model: str, **settings: Any) -> Callable[[], Any]:
    """A builder of a model of transformers from a configuration of its own."""

    def build() -> Any:
        kind = getattr(import_module("transformers"), model)
        return kind(kind.config_class(**settings)).eval()

    return build


def text(model: str, specs: dict[str, Any] | None = None, **settings: Any) -> Entry:
    """An entry of transformers that reads token ids, with an attention mask if nothing is said."""
    specs = {"input_ids": IDS, "attention_mask": IDS} if specs is None else specs
    return Entry(f"transformers/{model}", made(model, **settings), specs, BT)


def both(model: str, **settings: Any) -> Entry:
    """An encoder and a decoder, each with token ids."""
    specs = {"input_ids": "B S:int64", "decoder_input_ids": IDS}
    build = made(model, decoder_start_token_id=0, **settings)
    return Entry(f"transformers/{model}", build, specs, three("B", "S", "T", least=3))


ONLY = {"input_ids": IDS}

ENTRIES = [
    text("BertModel", **SMALL),
    text("BertForTokenClassification", **SMALL),
    text("RobertaForSequenceClassification", **SMALL),
    text("DistilBertModel", vocab_size=40, dim=32, n_layers=2, n_heads=4, hidden_dim=48),
    text("ElectraForMaskedLM", embedding_size=16, **SMALL),
    text("AlbertModel", embedding_size=16, **SMALL),
    text("DebertaV2Model", relative_attention=True, pos_att_type=["c2p", "p2c"], **SMALL),
    text("GPT2LMHeadModel", vocab_size=40, n_embd=32, n_layer=2, n_head=4),
    text("GPTNeoXForCausalLM", **SMALL),
    text("LlamaForCausalLM", num_key_value_heads=2, **SMALL),
    text("MistralForCausalLM", num_key_value_heads=2, sliding_window=4, **SMALL),
    text("Qwen2ForCausalLM", ONLY, num_key_value_heads=2, **SMALL),
    text("Gemma2ForCausalLM", ONLY, num_key_value_heads=2, head_dim=8, **SMALL),
    text("MixtralForCausalLM", ONLY, num_key_value_heads=2, num_local_experts=4, **SMALL),
    Entry(
        "transformers/FunnelBaseModel",
        made("FunnelBaseModel", vocab_size=40, d_model=32, n_head=4, d_head=8, d_inner=48),
        {"input_ids": IDS, "attention_mask": IDS},
        three("B", "T", least=6),
    ),
    text("XLNetModel", ONLY, vocab_size=40, d_model=32, n_layer=2, n_head=4, d_inner=48),
    both("T5ForConditionalGeneration", vocab_size=40, d_model=32, d_kv=8, d_ff=48, num_layers=2),
    both(
        "BartForConditionalGeneration", vocab_size=40, d_model=32, encoder_layers=2,
        decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=48, decoder_ffn_dim=48,
    ),
    text("MambaForCausalLM", vocab_size=40, hidden_size=32, num_hidden_layers=2, state_size=4),
    text("RwkvForCausalLM", ONLY, vocab_size=40, hidden_size=32, num_hidden_layers=2),
    text(
        "RecurrentGemmaForCausalLM", ONLY, num_key_value_heads=2, lru_width=32,
        block_types=["recurrent", "attention"], attention_window_size=8, **SMALL,
    ),
]  # fmt: skip
