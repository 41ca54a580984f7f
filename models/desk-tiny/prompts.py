"""The prompt formats the model is trained on; the app's `rlm_desk/rlm/dialects` renders the same strings."""

from __future__ import annotations

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SYSTEM = "Answer by writing Python. Helpers: documents, find_documents, folder, map, rlm_query_batched, number, FINAL."
NONE = "none"


def ask(text: str, question: str) -> str:
    """A sub-call, or a plain ask: the passage, then the question."""
    return f"{text}\n\nQuestion: {question}"


def root(question: str, documents: int, characters: int) -> str:
    """The first user message of a root or a child."""
    return f"Question: {question}\nContext: {documents:,} documents, {characters:,} characters."


def output(text: str) -> str:
    return f"Output:\n{text}"


def cell(code: str) -> str:
    return f"```python\n{code}\n```"
