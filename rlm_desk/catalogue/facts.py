"""What a model file says about itself: plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """A model file, as it describes itself. Zero or empty where it does not say."""

    bytes: int
    """Size of the file, of all its parts together."""
    architecture: str = ""
    name: str = ""
    license: str = ""
    quantisation: str = ""
    window: int = 0
    """Tokens it was trained to hold."""
    layers: int = 0
    heads: int = 0
    kv_heads: int = 0
    key_length: int = 0
    value_length: int = 0
    width: int = 0
    feed_forward: int = 0
    vocabulary: int = 0
    chat_template: str = ""
    """A stranger's program: never run here."""
    template_note: str = ""
    """Why that template cannot be used; empty when it can, or when there is none."""
    splits: int = 1
    """Files the model consists of."""
    recurrent: bool = False
    kv_layers: tuple[int, ...] = ()
    """Numbers (keys and values) one token takes in each layer."""
    input_bytes: int = 0
    """Token embeddings."""
    output_bytes: int = 0
    """The output matrix and what belongs to no layer."""
    layer_bytes: tuple[int, ...] = ()
    tied: bool = False
    """The embeddings are the output matrix too."""
