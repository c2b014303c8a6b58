"""SF201 to SF206 and SF216 to SF218: what layers and losses demand of what they are given."""

from __future__ import annotations

from ..entry import entry

RANK = entry(
    "SF201",
    "rank",
    "a tensor has the wrong number of axes",
    """
    A layer gives each axis a meaning, so it takes tensors of certain ranks only: nn.GRU wants
    (time, batch, features), or (time, features) for a single sequence, and nn.Conv2d wants
    (batch, channels, height, width) or one image without the batch. The page of each layer states
    it under "Shape" or "Inputs".
    """,
    """
    import torch
    from torch import nn

    words = torch.zeros(4, 7, 2, 3)  # batch, time, two readings of 3 features each
    nn.GRU(3, 5, batch_first=True)(words)
    """,
    """
    import torch
    from torch import nn

    words = torch.zeros(4, 7, 2, 3)
    nn.GRU(6, 5, batch_first=True)(words.flatten(2))
    """,
)

FEATURES = entry(
    "SF202",
    "features",
    "the features given are not the number that the layer was built for",
    """
    The weights of a layer are made for a fixed number of features or channels: the last axis must
    be in_features for nn.Linear and input_size for a recurrent layer, and the channel axis must be
    in_channels for a convolution and num_features for batch normalisation. The page of each layer
    states it under "Shape" or "Inputs".
    """,
    """
    import torch
    from torch import nn

    encoder = nn.LSTM(3, 8, bidirectional=True)
    head = nn.Linear(8, 2)
    out, _ = encoder(torch.zeros(7, 4, 3))
    head(out)  # two directions of 8 features make 16
    """,
    """
    import torch
    from torch import nn

    encoder = nn.LSTM(3, 8, bidirectional=True)
    head = nn.Linear(2 * 8, 2)
    out, _ = encoder(torch.zeros(7, 4, 3))
    head(out)
    """,
)

HIDDEN = entry(
    "SF203",
    "hidden",
    "a state has another hidden size than the layer",
    """
    The last axis of an initial state must be the layer's hidden_size, and proj_size where an LSTM
    has one (for its h, never for its c). The page of nn.LSTM states it under "Inputs", with H_out
    for h_0 and H_cell for c_0.
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5)
    rnn(torch.zeros(7, 4, 3), torch.zeros(1, 4, 3))
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5)
    rnn(torch.zeros(7, 4, 3), torch.zeros(1, 4, rnn.hidden_size))
    """,
)

BATCH = entry(
    "SF204",
    "batch",
    "two tensors that share a batch have different batch sizes",
    """
    The state of a recurrent layer needs one row per sequence of the input, and it keeps its batch
    on axis 1 whatever batch_first says: (layers, batch, hidden). The pages of nn.RNN, nn.GRU and
    nn.LSTM state it under "Inputs"; other operations on a batch of pairs, such as torch.bmm, want
    the same number of matrices on both sides.
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5, batch_first=True)
    x = torch.zeros(4, 7, 3)
    rnn(x, torch.zeros(1, x.size(1), 5))
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5, batch_first=True)
    x = torch.zeros(4, 7, 3)
    rnn(x, torch.zeros(1, x.size(0), 5))
    """,
)

LAYERS = entry(
    "SF205",
    "layers",
    "a state has another number of layers than the recurrent layer",
    """
    The first axis of an initial state counts layers and directions: it must be num_layers, and
    twice that for a bidirectional layer. The pages of nn.RNN, nn.GRU and nn.LSTM state it under
    "Inputs", as D * num_layers.
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5, bidirectional=True)
    rnn(torch.zeros(7, 4, 3), torch.zeros(1, 4, 5))
    """,
    """
    import torch
    from torch import nn

    rnn = nn.GRU(3, 5, bidirectional=True)
    rnn(torch.zeros(7, 4, 3), torch.zeros(2, 4, 5))
    """,
)

STRUCTURE = entry(
    "SF206",
    "structure",
    "an argument is built differently from what the operation takes",
    """
    Some arguments are not one tensor: nn.LSTM and nn.LSTMCell take their state as a pair (h, c)
    where nn.GRU and nn.RNN take one tensor, and torch.cat takes a sequence of tensors. The page of
    each operation states it in its signature and under "Inputs".
    """,
    """
    import torch
    from torch import nn

    rnn = nn.LSTM(3, 5)
    rnn(torch.zeros(7, 4, 3), torch.zeros(1, 4, 5))
    """,
    """
    import torch
    from torch import nn

    rnn = nn.LSTM(3, 5)
    rnn(torch.zeros(7, 4, 3), (torch.zeros(1, 4, 5), torch.zeros(1, 4, 5)))
    """,
)

PACKED = entry(
    "SF216",
    "packed",
    "a packed sequence does not fit",
    """
    pack_padded_sequence wants one length per sequence of the batch, each between 1 and the padded
    time, in descending order unless enforce_sorted=False. Only recurrent layers take the packed
    result as it is; others need pad_packed_sequence or its .data. See
    torch.nn.utils.rnn.pack_padded_sequence.
    """,
    """
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence

    x = torch.zeros(4, 6, 3)
    pack_padded_sequence(x, torch.tensor([6, 5, 2]), batch_first=True)
    """,
    """
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence

    x = torch.zeros(4, 6, 3)
    pack_padded_sequence(x, torch.tensor([6, 5, 2, 1]), batch_first=True)
    """,
)

LOSS = entry(
    "SF217",
    "loss",
    "prediction and target of a loss do not fit",
    """
    Losses on classes want the classes on axis 1 of the prediction and leave that axis out of the
    target: (N, C, d1, ...) against (N, d1, ...). Losses on values, such as nn.BCELoss, want the
    same shape on both sides. The page of each loss states it under "Shape".
    """,
    """
    import torch
    from torch import nn

    scores = torch.zeros(4, 7, 5)  # batch, time, classes
    target = torch.zeros(4, 7, dtype=torch.int64)
    nn.CrossEntropyLoss()(scores, target)
    """,
    """
    import torch
    from torch import nn

    scores = torch.zeros(4, 7, 5)
    target = torch.zeros(4, 7, dtype=torch.int64)
    nn.CrossEntropyLoss()(scores.transpose(1, 2), target)
    """,
)

DTYPE = entry(
    "SF218",
    "dtype",
    "an operation does not take this dtype",
    """
    Indices must be whole numbers (nn.Embedding, gather, class targets), masks must be bool, and a
    matrix product wants one dtype on both sides: PyTorch promotes dtypes in elementwise operations
    only. See "Type promotion" under torch.Tensor attributes, and the page of each operation.
    """,
    """
    import torch
    from torch import nn

    nn.Embedding(10, 4)(torch.zeros(4, 7))
    """,
    """
    import torch
    from torch import nn

    nn.Embedding(10, 4)(torch.zeros(4, 7, dtype=torch.int64))
    """,
)

ENTRIES = (RANK, FEATURES, HIDDEN, BATCH, LAYERS, STRUCTURE, PACKED, LOSS, DTYPE)
