"""Speech and sound: recognisers, separators, codecs and vocoders."""

from __future__ import annotations

from ..entry import Entry, three
from .text import made

WAVE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "conv_dim": (16, 16),
    "conv_stride": (5, 2),
    "conv_kernel": (10, 3),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
    "vocab_size": 20,
}
SAMPLES = three("B", T=(400, 520, 601))

ENTRIES = [
    Entry(
        "transformers/Wav2Vec2ForCTC",
        made("Wav2Vec2ForCTC", **WAVE),
        {"input_values": "B T"},
        SAMPLES,
    ),
    Entry(
        "transformers/Wav2Vec2Model with mask",
        made("Wav2Vec2Model", **WAVE),
        {"input_values": "B T", "attention_mask": "B T:int64"},
        SAMPLES,
        values={"attention_mask": 1},
    ),
    Entry(
        "transformers/HubertModel", made("HubertModel", **WAVE), {"input_values": "B T"}, SAMPLES
    ),
    Entry("transformers/WavLMModel", made("WavLMModel", **WAVE), {"input_values": "B T"}, SAMPLES),
    Entry(
        "transformers/WhisperModel",
        made(
            "WhisperModel", vocab_size=40, num_mel_bins=8, d_model=32, encoder_layers=2,
            decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
            encoder_ffn_dim=48, decoder_ffn_dim=48, max_source_positions=50, pad_token_id=0,
        ),
        {"input_features": "B 8 100", "decoder_input_ids": "B T:int64"},
        three("B", "T"),
    ),
    Entry(
        "transformers/Speech2TextModel",
        made(
            "Speech2TextModel", vocab_size=40, d_model=32, encoder_layers=2, decoder_layers=2,
            encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=48,
            decoder_ffn_dim=48, input_feat_per_channel=8, num_conv_layers=2, conv_channels=16,
        ),
        {"input_features": "B S 8", "decoder_input_ids": "B T:int64"},
        three("B", "T", S=(30, 41, 52)),
    ),
    Entry(
        "transformers/EncodecModel",
        made("EncodecModel", num_filters=4, hidden_size=16, codebook_size=16, codebook_dim=16),
        {"input_values": "B 1 T"},
        three("B", T=(1300, 1601, 1922)),
    ),
]  # fmt: skip
