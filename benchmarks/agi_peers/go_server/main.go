// A FastAGI server in Go, one goroutine a session, written from the public protocol: reads the environment into a
// map, sends one MSet, reads the reply, closes. Prints its port and serves.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
)

const command = "EXEC MSet \"SCREEN_VERDICT=allow,SCREEN_SCORE=0.00,SCREEN_REASONS=,SCREEN_CALL_ID=0,SCREEN_CAPTCHA=skipped\"\n"

func session(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	environment := make(map[string]string, 32)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		line = line[:len(line)-1]
		if line == "" {
			break
		}
		if key, value, found := strings.Cut(line, ": "); found {
			environment[key] = value
		}
	}
	if environment["agi_network_script"] != "screen" {
		return
	}
	if _, err := connection.Write([]byte(command)); err != nil {
		return
	}
	reader.ReadString('\n')
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go session(connection)
	}
}
