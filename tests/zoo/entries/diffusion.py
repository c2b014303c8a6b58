"""Diffusion: U-Nets, transformers, and the autoencoders around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..entry import Entry, Sizes, three

TWO: dict[str, Any] = {"block_out_channels": (8, 16), "norm_num_groups": 4}
CODER: dict[str, Any] = {
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
}
HEADS: dict[str, Any] = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 1}
EVEN: Any = {"H": (8, 12, 10), "W": (6, 16, 14)}


def net(
    name: str, specs: Mapping[str, Any], sizes: tuple[Sizes, Sizes, Sizes], **options: Any
) -> Entry:
    """A model of diffusers, by the name of its class."""

    def build() -> Any:
        import diffusers

        return getattr(diffusers, name)(**options).eval()

    return Entry(f"diffusers/{name}", build, specs, sizes)


ENTRIES = [
    net(
        "UNet2DModel", {"sample": "B 3 H W", "timestep": "B:int64"},
        three("B", "H", "W", **EVEN), down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), layers_per_block=1, attention_head_dim=4,
        **TWO,
    ),
    net(
        "UNet2DConditionModel",
        {"sample": "B 4 H W", "timestep": "B:int64", "encoder_hidden_states": "B T 12"},
        three("B", "H", "W", "T", H=(7, 8, 10), W=(9, 6, 5)), layers_per_block=1,
        attention_head_dim=4, cross_attention_dim=12,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **TWO,
    ),
    net(
        "UNet3DConditionModel",
        {"sample": "B 4 F H W", "timestep": "B:int64", "encoder_hidden_states": "B T 12"},
        three("B", "F", "H", "W", "T", H=(7, 8, 10), W=(9, 6, 5)), layers_per_block=1,
        attention_head_dim=4, cross_attention_dim=12,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"), **TWO,
    ),
    net(
        "UNet1DModel", {"sample": "B 2 T", "timestep": "B:int64"},
        three("B", "T", T=(16, 20, 24)), in_channels=2, out_channels=2, extra_in_channels=64,
        block_out_channels=(32, 32), down_block_types=("DownBlock1DNoSkip", "DownBlock1D"),
        up_block_types=("UpBlock1D", "UpBlock1DNoSkip"),
    ),
    net(
        "ControlNetModel",
        {"sample": "B 4 H W", "timestep": "B:int64", "encoder_hidden_states": "B T 12",
         "controlnet_cond": "B 3 2*H 2*W"},
        three("B", "H", "W", "T", **EVEN), layers_per_block=1, attention_head_dim=4,
        cross_attention_dim=12, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        conditioning_embedding_out_channels=(8, 8), **TWO,
    ),
    net(
        "AutoencoderKL", {"sample": "B 3 H W"}, three("B", "H", "W", **EVEN), latent_channels=4,
        **CODER, **TWO,
    ),
    net(
        "VQModel", {"sample": "B 3 H W"}, three("B", "H", "W", **EVEN), latent_channels=3,
        num_vq_embeddings=20, **CODER, **TWO,
    ),
    net(
        "AutoencoderTiny", {"sample": "B 3 H W"}, three("B", "H", "W", **EVEN),
        encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1), num_decoder_blocks=(1, 1),
    ),
    net(
        "AutoencoderOobleck", {"sample": "B 1 T"}, three("B", "T", T=(40, 64, 52)),
        encoder_hidden_size=8, downsampling_ratios=[2, 2], decoder_channels=8,
        decoder_input_channels=4, audio_channels=1, channel_multiples=[1, 2],
    ),
    net(
        "DiTTransformer2DModel",
        {"hidden_states": "B 4 8 8", "timestep": "B:int64", "class_labels": "B:int64"},
        three("B"), in_channels=4, out_channels=8, sample_size=8, patch_size=2, norm_num_groups=4,
        num_embeds_ada_norm=10, **HEADS,
    ),
    net(
        "Transformer2DModel", {"hidden_states": "B 16 H W", "encoder_hidden_states": "B T 12"},
        three("B", "H", "W", "T"), in_channels=16, norm_num_groups=4, cross_attention_dim=12,
        **HEADS,
    ),
    net(
        "SD3Transformer2DModel",
        {"hidden_states": "B 4 H W", "encoder_hidden_states": "B T 12",
         "pooled_projections": "B 10", "timestep": "B:int64"},
        three("B", "H", "W", "T", **EVEN), sample_size=16, patch_size=2, in_channels=4,
        joint_attention_dim=12, caption_projection_dim=16, pooled_projection_dim=10,
        out_channels=4, pos_embed_max_size=16, **HEADS,
    ),
    net(
        "FluxTransformer2DModel",
        {"hidden_states": "B L 4", "encoder_hidden_states": "B T 12", "pooled_projections": "B 10",
         "timestep": "B", "img_ids": "L 3", "txt_ids": "T 3"},
        three("B", "L", "T"), patch_size=1, in_channels=4, num_layers=1, num_single_layers=1,
        attention_head_dim=16, num_attention_heads=2, joint_attention_dim=12,
        pooled_projection_dim=10, axes_dims_rope=(4, 6, 6),
    ),
    net(
        "PixArtTransformer2DModel",
        {"hidden_states": "B 4 H W", "timestep": "B:int64", "encoder_hidden_states": "B T 12"},
        three("B", "H", "W", "T", **EVEN), in_channels=4, out_channels=8, sample_size=16,
        patch_size=2, norm_num_groups=4, cross_attention_dim=16, caption_channels=12,
        use_additional_conditions=False, **HEADS,
    ),
    net(
        "SanaTransformer2DModel",
        {"hidden_states": "B 4 H W", "encoder_hidden_states": "B T 12", "timestep": "B:int64"},
        three("B", "H", "W", "T"), in_channels=4, out_channels=4, num_cross_attention_heads=2,
        cross_attention_head_dim=8, cross_attention_dim=16, caption_channels=12, sample_size=16,
        **HEADS,
    ),
    net(
        "StableAudioDiTModel",
        {"hidden_states": "B 4 T", "timestep": "B", "encoder_hidden_states": "B S 12",
         "global_hidden_states": "B 1 6"},
        three("B", "T", "S"), sample_size=8, in_channels=4, num_key_value_attention_heads=2,
        out_channels=4, cross_attention_dim=12, time_proj_dim=8, global_states_input_dim=6,
        cross_attention_input_dim=12, **HEADS,
    ),
]  # fmt: skip
