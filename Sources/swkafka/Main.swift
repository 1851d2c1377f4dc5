import Glibc
import SwkafkaCommands

@main
enum Main {
    static func main() async { exit(await runSwkafka()) }
}
