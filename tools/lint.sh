#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a compiler does not say: formatting, layers, forbidden calls, scripts. Each check is a function
# that prints what it found. Not its job: warnings (configure --enable-werror), tests.
# shellcheck disable=SC2317,SC2016,SC2038  # functions are called through check; no odd file names
set -u

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$top" || exit 1
bad=0
have() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "lint: SKIPPED $1: $2 is not installed (tools/setup.sh lint)"; }

# Output of a check means that something is wrong.
check() {
    name=$1
    shift
    if found=$("$@" 2>&1) && [ -z "$found" ]; then
        echo "lint: ok: $name"
    else
        echo "lint: BAD: $name"
        printf '%s\n' "$found" | head -n 40
        bad=1
    fi
}

folders="lib probes ddns monitor"
sources() {
    # shellcheck disable=SC2086
    find $folders tests -name '*.[ch]' | sort
}

formatting() { sources | xargs clang-format --dry-run -Werror; }

# An include never goes up: lib <- probes <- ddns <- monitor. sed prints FILE: LINE of offenders.
layers() {
    upper="probes ddns monitor tests"
    for folder in lib probes ddns monitor; do
        [ "$folder" = lib ] || upper=${upper#* }
        pattern=$(echo "$upper" | tr ' ' '|')
        grep -rnE "^#[[:space:]]*include[[:space:]]+\"($pattern)/" "$folder" --include='*.[ch]'
    done
    return 0
}

# Third-party headers have owners.
owner() {
    header=$1
    shift
    grep -rlE "^#[[:space:]]*include[[:space:]]+<$header" lib probes ddns monitor --include='*.[ch]' |
        while read -r file; do
            case " $* " in
            *" $file "*) ;;
            *) echo "$file: includes <$header…>, whose owners are: $*" ;;
            esac
        done
}
# shellcheck disable=SC2046
owners() {
    owner 'ares' $(ls probes/resolver*.c probes/ares*.[ch] 2>/dev/null)
    owner 'confuse' $(ls monitor/config/*.[ch])
    owner 'sqlite3' $(ls monitor/store/*.[ch])
    owner 'libmnl/' $(ls monitor/address/rtnl*.[ch])
    owner 'openssl/' $(ls lib/digest.[ch] probes/t[lr]*.[ch] probes/cert*.[ch] probes/chain.[ch] probes/crypto.[ch] 2>/dev/null)
}

forbidden() {
    grep -rnE '(^|[^_a-zA-Z0-9>.])(system|popen|strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca|tmpnam|mktemp|strncpy)[[:space:]]*\(' \
        lib probes ddns monitor --include='*.[ch]' | grep -vE ':[[:space:]]*(\*|/\*|//)'
    return 0
}

head_comment() {
    sources | while read -r file; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ISC' || echo "$file: no SPDX line"
    done
}

# Long functions and files are where concepts get mixed.
function_length() {
    sources | grep -v '^tests/' | xargs awk '
        FNR == 1 { start = 0 }
        /^[a-z].*\)$/ || /^ .*\)$/ { head = FNR ": " $0 }
        /^\{/ { start = FNR }
        /^\}/ { if (start && FNR - start > 81) print FILENAME ":" start ": a function of " FNR - start - 1 " lines"; start = 0 }'
}

shell_scripts() {
    {
        echo run.sh test.sh .ci/run
        find tools tests contrib -name '*.sh' 2>/dev/null
        grep -rlE '^#!/bin/(ba)?sh' contrib tests/net 2>/dev/null
    } | tr ' ' '\n' | sort -u | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done | xargs shellcheck
}

python_files() {
    find tests tools contrib -name '*.py' 2>/dev/null | xargs /usr/bin/python3 -c '
import ast, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        text = file.read()
    try:
        tree = ast.parse(text, name)
    except SyntaxError as error:
        print(error)
        continue
    if "SPDX-License-Identifier: ISC" not in text[:200]:
        print(name + ": no SPDX line")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.value.id for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                bound = (alias.asname or alias.name).split(".")[0]
                if bound not in used:
                    print("%s:%d: %s is imported and not used" % (name, node.lineno, bound))
'
}

static_analysis() {
    # shellcheck disable=SC2086
    cppcheck --quiet --inline-suppr --error-exitcode=1 --enable=warning,portability -j2 --std=c11 \
        --suppress=missingInclude --suppress=unknownMacro --suppress=duplicateAssignExpression --suppress=nullPointerOutOfMemory \
        --suppress=nullPointerArithmeticOutOfMemory -D__GNUC__ -I. $folders 2>&1
}

# Warnings of mandoc; its advice on style (lines over 80 columns, pages not installed) is left out.
manual_pages() {
    mandoc -Tlint -W warning doc/*.[1-8]
    awk -f tools/outcomes.awk probes/outcome_table.h | mandoc -Tlint -W warning
}

check "include layers" layers
check "owners of third-party headers" owners
check "forbidden calls" forbidden
check "SPDX lines" head_comment
check "function length" function_length
check "Python files" python_files
if have clang-format; then check "formatting" formatting; else skip formatting clang-format; fi
if have shellcheck; then check "shell scripts" shell_scripts; else skip "shell scripts" shellcheck; fi
if have mandoc; then check "manual pages" manual_pages; else skip "manual pages" mandoc; fi
if have cppcheck; then check "cppcheck" static_analysis; else skip cppcheck cppcheck; fi
exit $bad
