"""The words of codings, for tests."""


def with_text(codings, corpus):
    texts = {document.id: document.text for document in corpus}
    places = zip(codings["document"], codings["start"], codings["end"], strict=True)
    return codings.assign(text=[texts[name][start:end] for name, start, end in places])
