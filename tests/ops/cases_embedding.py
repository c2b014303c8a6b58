"""Tables of embeddings, one-hot vectors and attention."""

from shapeflow.core.notation import parse_size

from .harness import bad, lit, numbers, ok, turned

# fmt: off
ok ("F.embedding", "B T:int64", "N D", out="B T D")
ok ("F.embedding", "B:int32", "N D", 0, out="B D")
ok ("F.embedding", "B:int64", "N D", -3, out="B D", needs="N >= 3")
ok ("F.embedding", numbers([0, 4]), "N D", out="2 D", needs="N >= 5", data="cpu")
bad("F.embedding", "2:float32", "5 3", why="indices must be int64 or int32")
bad("F.embedding", "2:int64", "5 3 2", why="weight must have 2 axes")
bad("F.embedding", "2:int64", "5 3", 5, why="padding_idx must be an index")
ok ("torch.embedding", "N D", "B T:int64", out="B T D")
bad("torch.embedding", "5 3", "2", why="indices must be int64 or int32")
ok ("F.embedding_bag", "B T:int64", "N D", out="B D", mode=lit("max"))
ok ("F.embedding_bag", "T:int64", "N D", "B:int64", out="B D", data="zeros")
ok ("F.embedding_bag", "T:int64", "N D", "B:int64", include_last_offset=True, out="B-1 D",
    where="B >= 2", data="zeros")
ok ("F.embedding_bag", "B T:int64", "N D", per_sample_weights="C T", mode=lit("sum"), out="B D",
    needs="C == B")
bad("F.embedding_bag", "2 3:int64", "5 4", "2:int64", why="need no offsets")
bad("F.embedding_bag", "3:int64", "5 4", why="an axis of offsets")
bad("F.embedding_bag", "3:int64", "5 4", "2 2:int64", why="an axis of offsets")
bad("F.embedding_bag", "2 3 4:int64", "5 4", why="input must have 1 or 2 axes")
bad("F.embedding_bag", "2 3:int64", "5 4", mode=lit("x"), why="sum, mean or max")
bad("F.embedding_bag", "2 3:int64", "5 4", mode=lit("max"), sparse=True, why="sparse gradients")
bad("F.embedding_bag", "2 3:int64", "5 4", per_sample_weights="2 3", why="need mode sum")
bad("F.embedding_bag", "2 0:int64", "5 4", why="at least one index")
ok ("F.one_hot", "B T:int64", 5, out="B T 5:int64")
ok ("F.one_hot", "B:int64", parse_size("C"), out="B C:int64")
ok ("F.one_hot", numbers([1, 4, 0]), out="3 5:int64")
ok ("F.one_hot", "B:int64", out="B u1:int64")
bad("F.one_hot", numbers([1, 4]), 4, why="more classes than the largest index")
bad("F.one_hot", "3:int32", 5, why="classes must be int64")
bad("F.one_hot", "3:int64", -2, why="must not be negative")
bad("F.one_hot", "0:int64", why="cannot be found in no indices")

SDPA = "scaled_dot_product_attention"
ok (SDPA, "L E", "S D", "S V", out="L V", needs="D == E")
ok (SDPA, "B L E", "B S E", "B T V", out="B L V", needs="T == S")
ok (SDPA, "B H L E", "B G S E", "B G S E", out="B max(G,H) L E",
    needs="G == H or G == 1 or H == 1")
ok (SDPA, *[turned("B T H E", (0, 2, 1, 3))] * 3, is_causal=True, out="B H T E", data="cpu")
ok (SDPA, "B H L E", "B H S E", "B H S E", "M S", out="B H L E", needs="M == L or M == 1",
    data="cpu")
ok (SDPA, "B H L E", "B H S E", "B H S V", "B 1 1 S:bool", out="B H L V")
ok (SDPA, "B 6 L E", "B K S E", "B K S E", enable_gqa=True, out="B 6 L E", needs="6 % K == 0")
bad(SDPA, "3", "4 3", "4 3", why="query must have axes of steps and features")
bad(SDPA, "2 3", "4 5", "4 5", why="the features of key must be those of query")
bad(SDPA, "2 3", "4 3", "5 3", why="a step for each step of key")
bad(SDPA, "2 3", "4 3:float64", "4 3", why="one dtype")
bad(SDPA, "2 4 3", "3 4 3", "3 4 3", why="the axes of batch and heads")
bad(SDPA, "2 3", "4 3", "4 3", "2 4", is_causal=True, why="not both")
bad(SDPA, "2 3", "4 3", "4 3", "2 4:int64", why="the mask must be bool")
bad(SDPA, "2 3", "4 3", "4 3", "2 5", why="each size of attn_mask")
bad(SDPA, "2 2 5 3", "2 2 4 3", "2 2 4 3", "4", why="axes of query steps and key steps")
bad(SDPA, "1 6 2 3", "1 4 4 3", "1 4 4 3", enable_gqa=True, why="a multiple of the heads of key")

MHA = "F.multi_head_attention_forward"
WEIGHTS = (6, 2, "18 6", "18", None, None, False, 0.0, "6 6", "6")
ok (MHA, "L B E", "S C 6", "S C 6", *WEIGHTS, out=["L B 6", "B L S"], needs="C == B and E == 6",
    sizes={"E": (6, 4)})
ok (MHA, "L 6", "S 6", "T 6", *WEIGHTS, out=["L 6", "L S"], needs="T == S")
ok (MHA, "L B 6", "S B 6", "S B 6", 6, 2, "18 6", "18", "N 1 6", "M 1 6", False, 0.0, "6 6", "6",
    out=["L B 6", "B L N+S"], needs="M == N")
ok (MHA, "L B 6", "S B 6", "S B 6", *WEIGHTS, average_attn_weights=False, attn_mask="2*B N S",
    out=["L B 6", "B 2 L S"], needs="N == L")
ok (MHA, "L B 6", "S B 6", "S B 6", *WEIGHTS, need_weights=False, key_padding_mask="C S:bool",
    attn_mask="L S:bool", out=["L B 6", None], needs="C == B")
ok (MHA, "L B 6", "S B 6", "S B 6", *WEIGHTS[:4], "1 1 6", "1 1 6", True, *WEIGHTS[7:],
    out=["L B 6", "B L S+2"])
ok (MHA, "L B 6", "S B 6", "S B 6", *WEIGHTS[:4], "1 1 6", "1 K 6", False, *WEIGHTS[7:],
    out=["L B 6", "B L S+1"], needs="K == 1 or B == 0", sizes={"B": (0, 1, 2), "K": (0, 1, 3)})
ok (MHA, "L B 6", "S B K", "S B V", 6, 2, None, "18", *WEIGHTS[4:], use_separate_proj_weight=True,
    q_proj_weight="6 6", k_proj_weight="6 K", v_proj_weight="6 V", out=["L B 6", "B L S"])
ok (MHA, "L B 6", "S B 6", "S B 6", *WEIGHTS, static_k="2*B T 3", static_v="2*B T 3",
    out=["L B 6", "B L T"])
ok (MHA, "L B 6", "S B 6", "S B 6", 6, 2, "18 6", "3", *WEIGHTS[4:], out=["L B 6", "B L S"])
bad(MHA, "2 3 6", "2 3 6", "2 3 6", 6, 0, *WEIGHTS[2:], why="there must be a head")
bad(MHA, "2 3 6", "2 3 6", "2 3 6", 6, 2, "18 6", "1", *WEIGHTS[4:], why="three times embed_dim")
bad(MHA, "2 3 1 6", "2 3 6", "2 3 6", *WEIGHTS, why="query must have 3 axes")
bad(MHA, "2 3 6", "2 6", "2 6", *WEIGHTS, why="key must have as many axes as query")
bad(MHA, "2 3 5", "2 3 6", "2 3 6", *WEIGHTS, why="the features of query must be embed_dim")
bad(MHA, "2 3 6", "2 3 6", "2 3 6", 6, 4, *WEIGHTS[2:], why="a multiple of the number of heads")
bad(MHA, "2 3 6", "4 1 6", "4 1 6", *WEIGHTS, why="the batch of key must be the batch of query")
bad(MHA, "2 3 6", "4 3 6", "5 3 6", *WEIGHTS, why="the steps of value must be the steps of key")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, key_padding_mask="4 3:bool", why="key_padding_mask")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, key_padding_mask="4:bool", why="axes of batch and key")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, attn_mask="4 2", why="attn_mask must have the steps")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, attn_mask="4", why="attn_mask must have axes")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, attn_mask="3 2 4", why="batch times heads")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, attn_mask="2 4:int64", why="bool or float")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, attn_mask="2 4:float64", why="the dtype of query")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, is_causal=True, why="only a hint about attn_mask")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS[:4], "1 1 6", None, False, *WEIGHTS[7:],
    why="bias_k and bias_v go together")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, static_k="5 4 3", why="static_k must have sizes")
bad(MHA, "2 3 6:float64", "4 3 6", "4 3 6", *WEIGHTS, why="the dtype of the weights")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS[:8], "7 6", "6", why="out_proj_bias")
bad(MHA, *["2 3 6:int64"] * 3, 6, 2, "18 6:int64", None, None, None, False, 0.0, "6 6:int64", None,
    why="not defined for integer")
bad(SDPA, "2 2 5 3", "2 2 4 3", "2 2 4 6", "", why="axes of query steps and key steps")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS[:4], "1 1 6:float64", "1 1 6", False, *WEIGHTS[7:],
    why="bias_k must have the dtype of query")
bad(MHA, "2 3 6", "4 3 6", "4 3 6", *WEIGHTS, static_k="6 4 3:float64",
    why="static_k must have the dtype of query")
bad("F.embedding", "2:int64", "5 3:int64", max_norm=1.0, why="not defined for integer")
ok ("F.embedding", "0 B:int64", "5 D:int64", max_norm=1.0, out="0 B D:int64", data="cpu")
bad("F.embedding_bag", "2 2:int64", "5 3:int64", max_norm=1.0, why="of a float dtype")
ok (MHA, "0 B 6", "S B 6", "S B 6", *WEIGHTS[:4], "1 1 6:float64", "1 1 6", False, *WEIGHTS[7:],
    out=["0 B 6", "B 0 S+1:float64"], data="cpu")
RENORM = "torch.embedding_renorm_"
ok (RENORM, turned("N D", (1, 0)), "B T:int64", 1.0, 2.0, out="D N")
ok (RENORM, "4 D:complex64", numbers([-4, 3]), 1.0, 2.0, out="4 D", data="cpu")
ok (RENORM, "N D:int64", "0 T:int64", 1.0, 2.0, out="N D:int64", data="cpu")
bad(RENORM, "3", "2:int64", 1.0, 2.0, why="weight must have 2")
bad(RENORM, "3 4", "2", 1.0, 2.0, why="int64 or int32")
bad(RENORM, "3 4:int64", "2:int64", 1.0, 2.0, why="not defined for integer")
bad(RENORM, "3 4", numbers([3]), 1.0, 2.0, why="inside its axis")
