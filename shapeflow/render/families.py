"""Families of operations: what tints a box, and what may be told in the box before."""

from __future__ import annotations

FAMILIES = {
    "embedding": "embedding embedding_bag one_hot",
    "recurrent": "LSTM GRU RNN LSTMCell GRUCell RNNCell lstm gru rnn_tanh rnn_relu lstm_cell "
    "gru_cell rnn_tanh_cell rnn_relu_cell",
    "convolution": "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d "
    "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d "
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
    "adaptive_max_pool3d interpolate unfold fold pixel_shuffle pad lp_pool1d lp_pool2d",
    "matrix": "linear bilinear matmul bmm mm addmm baddbmm einsum tensordot mv dot @ "
    "chain_matmul inner outer",
    "attention": "multi_head_attention_forward scaled_dot_product_attention",
    "norm": "layer_norm batch_norm group_norm instance_norm rms_norm local_response_norm normalize",
    "layout": "view reshape flatten unflatten transpose permute t movedim swapaxes squeeze "
    "unsqueeze expand expand_as repeat repeat_interleave cat stack concat concatenate hstack "
    "vstack split chunk unbind narrow select index_select gather flip roll contiguous clone "
    "[…] view_as reshape_as broadcast_to tile",
}
"""Last parts of dotted names, by family; all else is arithmetic."""

_FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}
TRANSPARENT = {"squeeze", "unsqueeze", "contiguous", "clone"}
"""Changes of layout that only add or take axes of size 1."""


SPACES = ("linalg", "special", "fft")
"""Namespaces of torch whose functions have names such as ``linalg_eigh``."""
SIGNS = {
    "__setitem__": "[…] =", "__getitem__": "[…]", "__eq__": "==", "__ne__": "!=", "__and__": "&",
    "__or__": "|", "__xor__": "^", "__invert__": "~", "__matmul__": "@",
}  # fmt: skip


def short_name(op: str) -> str:
    """``torch.cat`` as ``cat``; without the underscore that in-place operations have."""
    name = op.rpartition(".")[2]
    if name.startswith("__") and name.endswith("__"):
        return SIGNS.get(name, name.strip("_"))
    for space in SPACES:
        name = name.replace(f"{space}_", f"{space}.", 1) if name.startswith(space) else name
    return name.rstrip("_") or name


def family_of(op: str) -> str:
    """The family of an operation."""
    return _FAMILY.get(short_name(op), "arithmetic")
