extension ClusterHome {
    /// Starts a node, with the settings that the plan has for it, and does not wait for it.
    func launch(_ id: Int32, _ launcher: NodeLauncher, _ plan: ClusterPlan) throws(CommandFailure) {
        guard let node = plan.node(id) else { return }
        let folder = folder(id)
        try FileWriting.makeDirectory(folder.path, purpose: "directory of node \(id)")
        let lines = plan.properties(of: node, dataDirectory: folder.dataPath).map { name, value in
            "\(name)=\(Self.escaped(value))\n"
        }
        let head = "# Written by swkafka cluster; settings come from --override.\n"
        try FileWriting.replace(folder.propertiesPath, with: head + lines.joined(), purpose: "settings of node \(id)")
        try launcher.launch(folder, faults: faultsPath)
    }

    /// A value as Java's property files want it.
    private static func escaped(_ value: String) -> String {
        var text = value.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
        if let first = text.first, first == " " || first == "\t" { text = "\\" + text }
        return text
    }
}
