# SPDX-License-Identifier: ISC
#
# reachd-outcomes(7) out of probes/outcome_table.h. A script, so that a cross build needs no second
# compiler. tests/unit/test_man.c compares the page with the table as the compiler reads it.

function layer_title(layer) {
    return layer == "dns" ? "DNS" : layer == "path" ? "THE PATH" : layer == "tcp" ? "TCP" : \
        layer == "quic" ? "QUIC" : layer == "tls" ? "TLS" : layer == "cert" ? "CERTIFICATES" : layer == "http" ? "HTTP" : \
        layer == "local" ? "THIS MACHINE" : toupper(layer)
}

# For mdoc: each sentence on its line, nothing read as a macro.
function prose(text) {
    gsub(/\\/, "\\e", text)
    gsub(/\. /, ".\n", text)
    gsub(/\n[.']/, "\n\\\\\\&&", text)
    if (text ~ /^[.']/)
        text = "\\&" text
    return text
}

# The C strings of a row, one after the other, into field[1..]; adjacent ones are one.
function split_row(row,    i, c, inside, count, joined) {
    count = 0
    joined = 0
    inside = 0
    for (i = 1; i <= length(row); i++) {
        c = substr(row, i, 1)
        if (inside && c == "\\") {
            field[count] = field[count] substr(row, ++i, 1)
        } else if (c == "\"") {
            inside = !inside
            if (inside && !joined)
                field[++count] = ""
            joined = 1
        } else if (inside) {
            field[count] = field[count] c
        } else if (c == ",") {
            joined = 0
        }
    }
    return count
}

function row_done(row,    layer, verdict) {
    if (split_row(row) != 4) {
        print "outcomes.awk: not four strings: " row > "/dev/stderr"
        exit 1
    }
    layer = match(row, /LAYER_[A-Z]+/) ? tolower(substr(row, RSTART + 6, RLENGTH - 6)) : ""
    verdict = match(row, /VERDICT_[A-Z]+/) ? tolower(substr(row, RSTART + 8, RLENGTH - 8)) : ""
    if (layer != last && layer != "none") {
        if (last != "")
            print ".El"
        print ".Sh " layer_title(layer)
        print ".Bl -tag -width 4n"
    } else if (layer != last) {
        print ".Sh SUCCESS"
        print ".Bl -tag -width 4n"
    }
    last = layer
    print ".It Cm " field[1] (verdict == "unknown" ? " No *" : "")
    print prose(field[2]) "."
    print ".Pp"
    print ".Em Detected :"
    print prose(field[3])
    print ".Pp"
    print ".Em Advice :"
    print prose(field[4])
}

BEGIN {
    print ".\\\" SPDX-License-Identifier: ISC"
    print ".\\\" Made by tools/outcomes.awk from probes/outcome_table.h; changes here are lost."
    print ".Dd November 24, 2026"
    print ".Dt REACHD-OUTCOMES 7"
    print ".Os"
    print ".Sh NAME"
    print ".Nm reachd-outcomes"
    print ".Nd what reachd's probes find, how, and what to do about it"
    print ".Sh DESCRIPTION"
    print "Every attempt of"
    print ".Xr reachd 8"
    print "to reach an address ends in one of these words."
    print "They stand in its output, in JSON, in hooks and in the log, and do not change."
    print "They are sorted by layer, in the order in which a connection passes them."
    print "Those marked with * say nothing about the target."
    print "Where several apply, the first one here that is not marked is told."
    print ".Pp"
    print ".Ic reachd probe --explain Ar word"
    print "prints one of them."
}

/^OUTCOME\(/ { row = ""; open_row = 1 }
open_row { row = row $0 "\n" }
open_row && /"\)$/ { row_done(row); open_row = 0 }

END {
    if (last == "")
        exit 1
    print ".El"
    print ".Sh SEE ALSO"
    print ".Xr reachd.conf 5 ,"
    print ".Xr reachd-hooks 7 ,"
    print ".Xr reachd 8"
}
