CREATE TABLE events (
    seq INTEGER PRIMARY KEY, is_bulk INTEGER NOT NULL, time TEXT NOT NULL, coder TEXT NOT NULL, kind TEXT NOT NULL,
    entity TEXT NOT NULL, body TEXT NOT NULL, undoes INTEGER REFERENCES events (seq), hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_coder ON events (coder, seq);
CREATE INDEX events_of_entity ON events (entity);
CREATE INDEX events_undone ON events (undoes);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;

-- What follows from the events by the rules of log.py.
CREATE TABLE codings (
    id TEXT PRIMARY KEY, document TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, code TEXT NOT NULL,
    coder TEXT NOT NULL, time TEXT, memo TEXT NOT NULL, version INTEGER NOT NULL, is_removed INTEGER NOT NULL,
    changed_by TEXT NOT NULL, changed_at TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE INDEX codings_of_document ON codings (document, coder);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, characters INTEGER NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE codebooks (
    version INTEGER PRIMARY KEY, coder TEXT NOT NULL, time TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE codes (id TEXT PRIMARY KEY, is_codable INTEGER NOT NULL) STRICT;
CREATE TABLE records (kind TEXT, id TEXT, body TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT;
CREATE TABLE finished (document TEXT, coder TEXT, PRIMARY KEY (document, coder)) STRICT;
