"""Recurrent layers, cells and their functions; see also test_recurrent_grid."""

from .harness import bad, lit, numbers, ok

# fmt: off
SMALL = {"input_size": 3, "hidden_size": 5}
DEEP = {**SMALL, "num_layers": 2, "bidirectional": True, "batch_first": True}
SHORT = {**SMALL, "proj_size": 2}

ok ("nn.LSTM", "T B 3", module=SMALL, out=["T B 5", "1 B 5", "1 B 5"])
ok ("nn.LSTM", "T I", module=SMALL, out=["T 5", "1 5", "1 5"], needs="I == 3", sizes={"I": (3, 4)})
ok ("nn.LSTM", "B T 3", ("L N 5", "4 N 5"), module=DEEP, out=["B T 10", "4 B 5", "4 B 5"],
    needs="L == 4 and N == B", sizes={"L": (4, 2)})
ok ("nn.LSTM", "T B 3", ("1 B P", "1 B H"), module=SHORT, out=["T B 2", "1 B 2", "1 B 5"],
    needs="P == 2 and H == 5", sizes={"P": (2, 5), "H": (5, 2)})
ok ("nn.LSTM", "T 3", "N 1 5", module=SMALL, out=["T 5", "1 5", "1 5"], needs="N >= 2")
bad("nn.LSTM", "7 2 4", module=SMALL, why="the last size of the input must be the layer's input_size")
bad("nn.LSTM", "7", module=SMALL, why="3 axes (time, batch, features)")
bad("nn.LSTM", "7 2 3:float64", module=SMALL, why="the dtype of input")
bad("nn.LSTM", "0 2 3", module=SMALL, why="at least one step")
bad("nn.LSTM", "7 2 3", ("1 5", "1 5"), module=SMALL, why="hx[0] must have axes of layers, batch")
bad("nn.LSTM", "7 3", ("1 2 5", "1 2 5"), module=SMALL, why="hx[0] must have axes of layers and")
bad("nn.LSTM", "7 2 3", "2 1 2 5", module=SMALL, why="a tuple of two tensors")
bad("nn.LSTM", "7 2 3", ("1 2 5",), module=SMALL, why="a tuple of two tensors")
bad("nn.LSTM", "7 2 3", ("1 2 5", "1 1 5"), module=SMALL, why="the batch of hx[1] (its axis 1")
bad("nn.LSTM", "7 2 3", ("2 2 5", "1 2 5"), module=SMALL, why="layers times directions")
bad("nn.LSTM", "7 2 3", ("1 2 5", "1 2 4"), module=SMALL, why="the last size of hx[1]")
bad("nn.LSTM", "7 2 3", ("1 2 5:float64", "1 2 5"), module=SMALL, why="the dtype of hx[0]")

ok ("nn.GRU", "T B 3", module=SMALL, out=["T B 5", "1 B 5"])
ok ("nn.GRU", "B T 3", "4 N 5", module=DEEP, out=["B T 10", "4 B 5"], needs="N == B")
ok ("nn.GRU", "T 3", "1 H", module=SMALL, out=["T 5", "1 5"], needs="H == 5", sizes={"H": (5, 6)})
bad("nn.GRU", "7 2 3", ("1 2 5", "1 2 5"), module=SMALL, why="only an LSTM has two states")
bad("nn.GRU", "7 2 3", "1 7 5", module=SMALL, why="the batch of hx (its axis 1, whatever batch_first")
ok ("nn.RNN", "T B 3", "1 B 5", module=SMALL, out=["T B 5", "1 B 5"])
bad("nn.RNN", "7 2 3", "1 2 5 1", module=SMALL, why="hx must have axes of layers, batch")

ok ("nn.LSTMCell", "B 3", module=SMALL, out=["B 5", "B 5"])
ok ("nn.LSTMCell", "3", ("H", "5"), module=SMALL, out=["5", "5"], needs="H == 5", sizes={"H": (5, 6)})
ok ("nn.LSTMCell", "B 3", ("N 5", "B 5:float64"), module=SMALL, out=["B 5:float64", "B 5:float64"],
    needs="N == B")
bad("nn.LSTMCell", "2 3", "2 2 5", module=SMALL, why="a tuple of two tensors")
bad("nn.LSTMCell", "2 1 3", module=SMALL, why="the input of a cell")
bad("nn.LSTMCell", "2 3", ("2 5", "5"), module=SMALL, why="hx[1] must have the batch and the features")
bad("nn.LSTMCell", "2 3", ("2 5", "2 4"), module=SMALL, why="the cell's hidden_size")
ok ("nn.GRUCell", "B I", "B 5", module=SMALL, out="B 5", needs="I == 3", sizes={"I": (3, 4)})
ok ("nn.RNNCell", "3", module=SMALL, out="5")
ok ("nn.RNNCell", "3", "N 5", module=SMALL, out="5 5", needs="N == 5", sizes={"N": (5, 4)})
bad("nn.GRUCell", "3", "1 5", module=SMALL, why="hx must have the features alone")
bad("nn.GRUCell", "2 3", ("2 5",), module=SMALL, why="hx must be one tensor")
bad("nn.RNNCell", "2 3", "1 5", module=SMALL, why="the batch of hx must be the batch of the input")

LSTM, GRU, RNN = ([f"{n} 3", f"{n} 5", f"{n}", f"{n}"] for n in (20, 15, 5))
OPTIONS = (True, 1, 0.0, False, False)
ok ("torch.lstm", "T B 3", ("1 B 5", "1 B 5"), LSTM, *OPTIONS, False,
    out=["T B 5", "1 B 5", "1 B 5"])
ok ("torch.gru", "B T 3", "1 B 5", GRU, *OPTIONS, True, out=["B T 5", "1 B 5"])
ok ("torch.rnn_tanh", "T B 3", "1 B 5", RNN, *OPTIONS, False, out=["T B 5", "1 B 5"])
ok ("torch.rnn_relu", "T B 3", "1 B H", RNN, *OPTIONS, False, out=["T B 5", "1 B 5"],
    needs="H == 5", sizes={"H": (4, 5)})
ok ("torch.gru", "6 3", numbers([3, 2, 1]), "1 3 5", GRU, *OPTIONS, out=["6 5", "1 3 5"])
bad("torch.lstm", "7 2 3", ("1 2 5", "1 2 5"), LSTM[:2], *OPTIONS, False,
    why="the weights of every layer")
bad("torch.gru", "7 2 3", "1 2 5", GRU[:2], *OPTIONS, False, why="the weights of every layer")
bad("torch.gru", "7 2 3", "1 2 5", ["15 4", *GRU[1:]], *OPTIONS, False, why="input_size")
bad("torch.gru", "7 2 3", "1 2 5", [*GRU[:2], "14", "15"], *OPTIONS, False, why="must fit its gates")
ok ("torch.lstm_cell", "B 3", ("B 5", "N 5"), *LSTM, out=["B 5", "B 5"], needs="N == B")
ok ("torch.gru_cell", "B 3", "B 5", *GRU[:2], out="B 5")
ok ("torch.rnn_tanh_cell", "B 3", "B 5", *RNN, out="B 5")
ok ("torch.rnn_relu_cell", "B 3", "B 5", "5 3", "5 5", "N", "1 5", out="B 5",
    needs="N == 5 or N == 1", sizes={"N": (1, 3, 5)})
ok ("torch.gru_cell", "B 3", "B 5", *GRU[:2], "B 1", "", out="B 5")
bad("torch.gru_cell", "2 3", "2 5", *GRU[:2], "3 15", why="each size of params")
bad("torch.lstm_cell", "2 3", ("2 5", "1 5"), *LSTM, why="the batch of hx[1]")
bad("torch.gru_cell", "2 3", "2 5", "12 3", "15 5", why="must fit its gates")
bad("torch.rnn_relu_cell", "2 3", "2 4", *RNN, why="the cell's hidden_size")

ok ("torch._pack_padded_sequence", "4 3 C", numbers([4, 2, 1]), False, out=["7 C", "4"])
ok ("torch._pack_padded_sequence", "B T", numbers([4, 2, 1]), True, out=["7", "4"],
    needs="B == 3", where="T >= 4", sizes={"B": (3, 2), "T": (4, 5)})
bad("torch._pack_padded_sequence", "4", numbers([4]), False, why="an axis of time")
bad("torch._pack_padded_sequence", "4 3 2", numbers([4, 2]), False, why="one length for each")
bad("torch._pack_padded_sequence", "4 3 2", numbers([4, 2, 0]), False, why="at least one step")
bad("torch._pack_padded_sequence", "4 3 2", numbers([2, 4, 1]), False, why="from long to short")
bad("torch._pack_padded_sequence", "4 3 0", numbers([4, 2, 1]), False, why="an empty batch")
bad("torch._pack_padded_sequence", "4 3 2", "3:int32", False, why="int64")
ok ("torch._pad_packed_sequence", "7 C", numbers([3, 2, 1, 1]), True, 0.0, 0, out=["3 4 C", "3"])
ok ("torch._pad_packed_sequence", "N 2", numbers([3, 2, 1]), False, 0.0, 4, out=["4 3 2", "3"],
    needs="N >= 6")
bad("torch._pad_packed_sequence", "6 2", numbers([3, 2, 1]), False, 0.0, 2, why="total_length")
bad("torch._pad_packed_sequence", "", numbers([3, 2, 1]), False, 0.0, 3, why="the parts of a packed")
ok ("pad_sequence", ["A 2", "B C"], out="max(A,B) 2 2", needs="C == 2 or C == 1")
ok ("pad_sequence", ["A", "B"], True, 0.0, lit("left"), out="2 max(A,B)")
bad("pad_sequence", ["3 2", "4 3"], why="each size of sequences")
bad("pad_sequence", [], why="there must be a sequence")
bad("pad_sequence", ["3", ""], why="sequences must have 1 axis")
bad("torch.gru", "7 2 3", "1 2 5", [GRU[0], "15 5:float64", *GRU[2:]], *OPTIONS, False,
    why="must have one dtype")
bad("torch.gru", "6 3", "3", "1 3 5", GRU, *OPTIONS, why="batch sizes must be int64")
bad("torch.lstm_cell", "2 3", ("2 5", "2 5"), *LSTM[:3], "20:float64", why="must have one dtype")
bad("torch._pad_packed_sequence", "6 2", "0:int64", False, 0.0, 2, why="there must be a step")
