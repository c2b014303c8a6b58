"""Speech and sound from torchaudio, and from toolkits that build on it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..entry import Entry, three


def of(path: str, *args: Any, **settings: Any) -> Callable[[], Any]:
    """A builder of ``package.module:Class`` with arguments; builders among them are called."""

    def build() -> Any:
        module, _, name = path.partition(":")
        made = [item() if callable(item) else item for item in args]
        return getattr(import_module(module), name)(*made, **settings).eval()

    return build


LENGTHS = {"lengths": "T"}
BT = three("B", "T")

ENTRIES = [
    Entry(
        "torchaudio/Conformer",
        of("torchaudio.models:Conformer", 16, 4, 32, 2, 7),
        {"input": "B T 16", "lengths": "B:int64"},
        BT,
        values=LENGTHS,
    ),
    Entry(
        "torchaudio/Emformer",
        of("torchaudio.models:Emformer", 16, 4, 32, 2, 4, right_context_length=1),
        {"input": "B T 16", "lengths": "B:int64"},
        three("B", T=(5, 9, 13)),
        values={"lengths": "T"},
    ),
    Entry(
        "torchaudio/ConvTasNet",
        of("torchaudio.models:ConvTasNet", 2, 16, 16, 3, 8, 16, 2, 2),
        {"input": "B 1 T"},
        three("B", T=(64, 100, 131)),
    ),
    Entry(
        "torchaudio/DeepSpeech",
        of("torchaudio.models:DeepSpeech", 16, 32, 20),
        {"x": "B 1 T 16"},
        BT,
    ),
    Entry(
        "torchaudio/Wav2Letter",
        of("torchaudio.models:Wav2Letter", 20, "mfcc", 13),
        {"x": "B 13 T"},
        three("B", T=(40, 51, 62)),
    ),
    Entry(
        "torchaudio/Tacotron2",
        of(
            "torchaudio.models:Tacotron2", n_mels=8, symbol_embedding_dim=16,
            encoder_embedding_dim=16, decoder_rnn_dim=16, attention_rnn_dim=16,
            attention_hidden_dim=8, prenet_dim=8, postnet_embedding_dim=16,
        ),
        {
            "tokens": "B S:int64", "token_lengths": "B:int64",
            "mel_specgram": "B 8 T", "mel_specgram_lengths": "B:int64",
        },
        three("B", "S", "T"),
        values={"token_lengths": "S", "mel_specgram_lengths": "T"},
    ),
    Entry(
        "torchaudio/WaveRNN",
        of(
            "torchaudio.models:WaveRNN", [2, 2, 3], 16, 12, n_res_block=2, n_rnn=16, n_fc=16,
            n_freq=8, n_hidden=8, n_output=8,
        ),
        {"waveform": "B 1 12*(T-4)", "specgram": "B 1 8 T"},
        three("B", "T", least=5),
        where=("T >= 5",),
    ),
    Entry(
        "torchaudio/HDemucs",
        of(
            "torchaudio.models:HDemucs", ["drums", "bass"], channels=8, nfft=256, depth=3,
            norm_groups=2,
        ),
        {"input": "B 2 T"},
        three("B", T=(3000, 4100, 5300)),
    ),
    Entry(
        "speechbrain/CRDNN",
        of(
            "speechbrain.lobes.models.CRDNN:CRDNN", input_shape=[None, None, 16],
            cnn_channels=[4, 8], rnn_neurons=16, rnn_layers=2, dnn_neurons=16,
        ),
        {"x": "B T 16"},
        BT,
    ),
    Entry(
        "speechbrain/RNNLM",
        of(
            "speechbrain.lobes.models.RNNLM:RNNLM", 20, embedding_dim=8, rnn_neurons=16,
            dnn_neurons=16, return_hidden=True,
        ),
        {"x": "B T:int64"},
        BT,
    ),
    Entry(
        "speechbrain/ECAPA_TDNN",
        of(
            "speechbrain.lobes.models.ECAPA_TDNN:ECAPA_TDNN", 16, lin_neurons=8,
            channels=[16, 16, 16, 16, 48], res2net_scale=4, se_channels=8, attention_channels=8,
        ),
        {"x": "B T 16", "lengths": "B"},
        three("B", "T", least=9),
        values={"lengths": 1},
    ),
    Entry(
        "speechbrain/Xvector",
        of(
            "speechbrain.lobes.models.Xvector:Xvector", tdnn_channels=[16, 16, 16, 16, 24],
            lin_neurons=8, in_channels=16,
        ),
        {"x": "B T 16"},
        three("B", "T", least=9),
    ),
    Entry(
        "speechbrain/LiGRU",
        of(
            "speechbrain.nnet.RNN:LiGRU", 16, (2, 3, 8), num_layers=2, bidirectional=True
        ),
        {"x": "B T 8"},
        BT,
    ),
    Entry(
        "speechbrain/QuasiRNN",
        of("speechbrain.nnet.RNN:QuasiRNN", 16, input_size=8, num_layers=2, bidirectional=True),
        {"x": "B T 8"},
        BT,
    ),
    Entry(
        "speechbrain/LSTM with lengths",
        of("speechbrain.nnet.RNN:LSTM", 16, input_size=8, bidirectional=True),
        {"x": "B T 8", "lengths": "B"},
        BT,
        values={"lengths": 1},
    ),
    Entry(
        "speechbrain/AttentionalRNNDecoder",
        of(
            "speechbrain.nnet.RNN:AttentionalRNNDecoder", rnn_type="gru", attn_type="location",
            hidden_size=16, attn_dim=8, num_layers=1, enc_dim=12, input_size=6, channels=4,
            kernel_size=3,
        ),
        {"inp_tensor": "B T 6", "enc_states": "B S 12", "wav_len": "B"},
        three("B", "S", "T"),
        values={"wav_len": 1},
    ),
    Entry(
        "speechbrain/TransformerASR",
        of(
            "speechbrain.lobes.models.transformer.TransformerASR:TransformerASR", 20, 16,
            d_model=16, nhead=4, num_encoder_layers=2, num_decoder_layers=2, d_ffn=32,
            encoder_module="conformer", kernel_size=7, attention_type="RelPosMHAXL", causal=False,
            normalize_before=True,
        ),
        {"src": "B S 16", "tgt": "B T:int64", "wav_len": "B"},
        three("B", "S", "T"),
        values={"wav_len": 1, "tgt": 1},
    ),
    Entry(
        "speechbrain/Dual_Path_Model",
        of(
            "speechbrain.lobes.models.dual_path:Dual_Path_Model", 16, 16,
            of("speechbrain.lobes.models.dual_path:SBRNNBlock", 16, 8, 1),
            of("speechbrain.lobes.models.dual_path:SBRNNBlock", 16, 8, 1),
            num_layers=2, K=10,
        ),
        {"x": "B 16 T"},
        three("B", "T", least=12),
    ),
    Entry(
        "speechbrain/MetricGAN EnhancementGenerator",
        of("speechbrain.lobes.models.MetricGAN:EnhancementGenerator"),
        {"x": "B T 257", "lengths": "B"},
        BT,
        values={"lengths": 1},
    ),
]  # fmt: skip
