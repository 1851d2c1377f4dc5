@main
enum GenerateMessages {
    static func main() {}
}
