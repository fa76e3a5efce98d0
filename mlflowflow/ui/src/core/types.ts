// Generated from the server's own types by `make ui-types`; do not edit.

