"""SF6xx: saved weights beside the model that is to take them."""

from __future__ import annotations

from ..entry import entry

WEIGHTS = entry(
    "SF601",
    "weights",
    "a layer was made in another way than the one whose weights were saved",
    """
    load_state_dict copies each saved tensor into the one of that name, and both must have the same
    shape. Where they differ, the layer was made with other arguments than the saved one; for layers
    of torch.nn the shapes tell with which, as the variables in their documentation say:
    weight_ih_l0 of an LSTM has 4 * hidden_size rows. See torch.nn.Module.load_state_dict.
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.LSTM(20, 32).state_dict()
    shapeflow.check_state_dict(nn.LSTM(20, 16), saved).raise_if_failed()
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.LSTM(20, 32).state_dict()
    shapeflow.check_state_dict(nn.LSTM(20, 32), saved).raise_if_failed()
    """,
)

MISSING = entry(
    "SF602",
    "missing",
    "the saved weights lack something that the model has",
    """
    With strict=True, which is the default, load_state_dict demands an entry for every parameter and
    persistent buffer of the model. Entries that only have other names, such as those of a model
    saved while wrapped (module.encoder.weight), count as missing too. See
    torch.nn.Module.load_state_dict.
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.Sequential(nn.Linear(3, 4)).state_dict()
    shapeflow.check_state_dict(nn.Linear(3, 4), saved).raise_if_failed()
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.Sequential(nn.Linear(3, 4)).state_dict()
    saved = {name.removeprefix("0."): tensor for name, tensor in saved.items()}
    shapeflow.check_state_dict(nn.Linear(3, 4), saved).raise_if_failed()
    """,
)

UNEXPECTED = entry(
    "SF603",
    "unexpected",
    "the saved weights have something that the model lacks",
    """
    With strict=True, which is the default, load_state_dict refuses entries that no parameter or
    buffer of the model takes: the model has lost a layer since, or it is another one. See
    torch.nn.Module.load_state_dict.
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).state_dict()
    shapeflow.check_state_dict(nn.Sequential(nn.Linear(3, 4)), saved).raise_if_failed()
    """,
    """
    from torch import nn

    import shapeflow

    saved = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).state_dict()
    model = nn.Sequential(nn.Linear(3, 4))
    shapeflow.check_state_dict(model, saved, strict=False).raise_if_failed()
    """,
)

ENTRIES = (WEIGHTS, MISSING, UNEXPECTED)
