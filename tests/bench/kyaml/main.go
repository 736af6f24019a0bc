// Parses and prints YAML files with kyaml, the library of kustomize and kpt: what rewriting a tree by parse-and-print costs.
//
// usage: kyaml-bench discard|rewrite LIST      LIST names one file per line; discard prints to nowhere, rewrite in place
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/kustomize/kyaml/kio"
)

// kyaml as its users call it: documents in, the same documents out, comments kept.
func print(path string, rewrite bool) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	nodes, err := (&kio.ByteReader{Reader: in, OmitReaderAnnotations: true, PreserveSeqIndent: false}).Read()
	if err != nil {
		return err
	}
	if !rewrite {
		return kio.ByteWriter{Writer: io.Discard}.Write(nodes)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := (kio.ByteWriter{Writer: out}).Write(nodes); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func main() {
	if len(os.Args) != 3 || (os.Args[1] != "discard" && os.Args[1] != "rewrite") {
		fmt.Fprintln(os.Stderr, "usage: kyaml-bench discard|rewrite LIST")
		os.Exit(2)
	}
	list, err := os.Open(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	printed, failed := 0, 0
	for lines := bufio.NewScanner(list); lines.Scan(); {
		if err := print(lines.Text(), os.Args[1] == "rewrite"); err != nil {
			failed++
			if os.Getenv("VERBOSE") != "" {
				fmt.Fprintf(os.Stderr, "%s: %v\n", lines.Text(), err)
			}
			continue
		}
		printed++
	}
	fmt.Fprintf(os.Stderr, "kyaml: %d files printed, %d not read\n", printed, failed)
}
