"""Images: backbones, segmenters, detectors, and what reads depth and video."""

from __future__ import annotations

from typing import Any

from ..entry import Entry, three

PIXELS = {"pixel_values": "B 3 H W"}
SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
STAGES: dict[str, Any] = {"hidden_sizes": [8, 8, 12, 12], "depths": [1, 1, 1, 1]}
PYRAMID: dict[str, Any] = {
    "hidden_sizes": [8, 8, 16, 16],
    "depths": [1, 1, 1, 1],
    "num_attention_heads": [1, 1, 2, 2],
}


def made(name: str, **options: Any) -> Any:
    """A model of transformers, by the name of its class."""
    import transformers

    kind = getattr(transformers, name)
    return kind(kind.config_class(**options)).eval()


def backbone(name: str, **options: Any) -> Any:
    """The configuration of a part of a model."""
    import transformers

    return getattr(transformers, name)(**options)


def images(
    name: str, height: tuple[int, int, int], width: tuple[int, int, int], **options: Any
) -> Entry:
    """A model that takes images."""
    return Entry(
        f"transformers/{name}",
        lambda: made(name, **options),
        PIXELS,
        three("B", "H", "W", H=height, W=width),
    )


FREE = (37, 64, 90), (50, 41, 72)
PATCHED = {**SMALL, "image_size": 32, "patch_size": 8}

ENTRIES = [
    Entry(
        "transformers/ViTModel resized positions",
        lambda: made("ViTModel", **PATCHED),
        {**PIXELS, "interpolate_pos_encoding": True},
        three("B", "H", "W", H=FREE[0], W=FREE[1]),
    ),
    Entry(
        "transformers/ViTModel",
        lambda: made("ViTModel", **PATCHED),
        {"pixel_values": "B 3 32 32"},
        three("B"),
    ),
    Entry(
        "transformers/SiglipVisionModel",
        lambda: made("SiglipVisionModel", **PATCHED),
        {**PIXELS, "interpolate_pos_encoding": True},
        three("B", "H", "W", H=FREE[0], W=FREE[1]),
    ),
    Entry(
        "transformers/CLIPModel",
        lambda: made(
            "CLIPModel",
            text_config={**SMALL, "vocab_size": 50, "max_position_embeddings": 20},
            vision_config=PATCHED,
            projection_dim=12,
        ),
        {"input_ids": "B T:int64", "pixel_values": "N 3 32 32"},
        three("B", "T", "N"),
    ),
    images("Dinov2Model", *FREE, **{**SMALL, "image_size": 28, "patch_size": 7}),
    images("DINOv3ViTModel", *FREE, **{**SMALL, "image_size": 28, "patch_size": 7}),
    images("YolosModel", *FREE, **{**SMALL, "image_size": [32, 48], "patch_size": 8}),
    images("ConvNextModel", *FREE, **STAGES),
    images("ConvNextV2ForImageClassification", *FREE, **STAGES),
    images("ResNetForImageClassification", *FREE, embedding_size=8, **STAGES),
    images("RegNetModel", *FREE, embedding_size=8, groups_width=4, **STAGES),
    images(
        "BitModel", *FREE, embedding_size=8, num_groups=1,
        **{**STAGES, "hidden_sizes": [8, 8, 16, 16]},
    ),
    images("PoolFormerModel", *FREE, **STAGES),
    images("SegformerForSemanticSegmentation", *FREE, decoder_hidden_size=16, **PYRAMID),
    images("PvtV2Model", *FREE, **PYRAMID),
    images(
        "GLPNForDepthEstimation", (64, 96, 32), (32, 64, 128), decoder_hidden_size=16, **PYRAMID
    ),
    images("MobileViTV2Model", *FREE, width_multiplier=0.25, image_size=64),
    images(
        "FocalNetModel", *FREE, embed_dim=8, depths=[1, 1], focal_levels=[2, 2],
        focal_windows=[3, 3], image_size=32, patch_size=2,
    ),
    images(
        "Swinv2Model", *FREE, embed_dim=8, depths=[2], num_heads=[2], window_size=4,
        image_size=32, patch_size=2,
    ),
    Entry(
        "transformers/UperNetForSemanticSegmentation",
        lambda: made(
            "UperNetForSemanticSegmentation",
            backbone_config=backbone(
                "ConvNextConfig", out_features=["stage1", "stage2", "stage3", "stage4"], **STAGES
            ),
            hidden_size=16, num_labels=3, auxiliary_in_channels=12, auxiliary_channels=8,
        ),
        PIXELS,
        three("B", "H", "W", H=FREE[0], W=FREE[1]),
    ),
    Entry(
        "transformers/DepthAnythingForDepthEstimation",
        lambda: made(
            "DepthAnythingForDepthEstimation",
            backbone_config=backbone(
                "Dinov2Config", **{**SMALL, "num_hidden_layers": 4}, image_size=28, patch_size=7,
                out_features=["stage1", "stage2", "stage3", "stage4"],
                reshape_hidden_states=False,
            ),
            reassemble_hidden_size=16, patch_size=7, neck_hidden_sizes=[8, 8, 16, 16],
            fusion_hidden_size=8, head_hidden_size=4,
        ),
        PIXELS,
        three("B", "H", "W", H=FREE[0], W=FREE[1]),
    ),
    Entry(
        "transformers/DetrForObjectDetection",
        lambda: made(
            "DetrForObjectDetection", use_timm_backbone=False, backbone=None,
            use_pretrained_backbone=False,
            backbone_config=backbone(
                "ResNetConfig", embedding_size=8, out_features=["stage4"], **STAGES
            ),
            d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
            decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, num_queries=5,
        ),
        PIXELS,
        three("B", "H", "W", H=FREE[0], W=FREE[1]),
    ),
    Entry(
        "transformers/SamVisionModel",
        lambda: made(
            "SamVisionModel", hidden_size=16, output_channels=8, num_hidden_layers=2,
            num_attention_heads=2, image_size=64, patch_size=8, window_size=4,
            global_attn_indexes=[1], mlp_dim=32, num_pos_feats=4,
        ),
        {"pixel_values": "B 3 64 64"},
        three("B"),
    ),
    Entry(
        "transformers/PerceiverModel",
        lambda: made(
            "PerceiverModel", num_latents=6, d_latents=16, d_model=12, num_blocks=1,
            num_self_attends_per_block=2, num_self_attention_heads=2, num_cross_attention_heads=2,
        ),
        {"inputs": "B T 12"},
        three("B", "T"),
    ),
    Entry(
        "transformers/VideoMAEModel",
        lambda: made("VideoMAEModel", num_frames=4, **PATCHED),
        {"pixel_values": "B 4 3 32 32"},
        three("B"),
    ),
]  # fmt: skip
