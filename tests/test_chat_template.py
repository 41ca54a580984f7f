import time

import pytest

from rlm_desk.chat_template import CHATML, ChatTemplate, TemplateProblem

USER = (("user", False),)
TALK = (("system", False), ("user", False), ("assistant", False), ("user", False))


def test_parts_are_literals_and_message_numbers() -> None:
    template = ChatTemplate(CHATML)
    assert template.note == ""
    assert template.parts(USER) == ("<|im_start|>user\n", 0, "<|im_end|>\n<|im_start|>assistant\n")
    assert [part for part in template.parts(TALK) if isinstance(part, int)] == [0, 1, 2, 3]


def test_an_empty_message_has_no_part() -> None:
    parts = ChatTemplate(CHATML).parts((("user", True),))
    assert parts == ("<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n",)


def test_thinking_is_switched_off_in_the_template() -> None:
    source = CHATML + "{% if enable_thinking is false %}{{ '<think>\n\n</think>\n' }}{% endif %}"
    assert str(ChatTemplate(source).parts(USER)[-1]).endswith("<think>\n\n</think>\n")


def test_a_missing_template_falls_back_to_chatml() -> None:
    template = ChatTemplate(None)
    assert template.note == "the model has no chat template"
    assert template.parts(USER)[0] == "<|im_start|>user\n"


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages %}{{ m.content }",  # does not parse
        "nothing of the conversation",
        "{{ messages[0].content }}{{ messages[0].content }}",  # says it twice
        "{{ messages.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ 'a' * 10000000000 }}",
        "{{ 10 ** 100000000 }}",
        "{% for a in range(99999) %}{{ 'x' * 1 }}{{ 'aaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
        "{% set x = messages.append(1) %}{{ messages[0].content }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    ],
)
def test_an_unusable_or_hostile_template_is_put_aside(source: str) -> None:
    template = ChatTemplate(source)
    assert template.note.startswith("the model's chat template is not usable")
    assert template.parts(USER)[0] == "<|im_start|>user\n"


def test_a_template_that_computes_for_ever_is_interrupted() -> None:
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{{ messages[0].content }}"
    begun = time.monotonic()
    assert "longer than" in ChatTemplate(loop).note
    assert time.monotonic() - begun < 5


def test_a_template_without_system_messages_gets_them_in_the_first_user_message() -> None:
    source = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    )
    parts = ChatTemplate(source).parts(TALK)
    assert parts == ("[user]", 0, "\n\n", 1, "[assistant]", 2, "[user]", 3)


def test_roles_that_a_template_refuses_are_an_error() -> None:
    source = "{% if messages|length > 1 %}{{ raise_exception('one only') }}{% endif %}{{ messages[0].content }}"
    with pytest.raises(TemplateProblem, match="one only"):
        ChatTemplate(source).parts((("user", False), ("user", False)))
